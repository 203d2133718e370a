import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { lastLine } from '../../../models/runtime/last-line.ts';
import { oneLine } from '../../../models/runtime/one-line.ts';

it('gives the last line of a stream so far, and an empty text where there is none', () => {
  const stream = new PassThrough();
  const said = lastLine(stream);
  expect(said()).toBe('');
  stream.write('first\nthe driver\t');
  stream.write('is gone \n\n');
  expect(said()).toBe('the driver is gone');
  stream.write('x'.repeat(5000));
  expect(said()).toBe('x'.repeat(200));
  expect(lastLine(null)()).toBe('');
});

it('makes one line of an error', () => {
  expect(oneLine(new Error(' two\n  lines '))).toBe('two lines');
  expect(oneLine('long'.repeat(100))).toHaveLength(300);
});
