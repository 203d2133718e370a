import { describe, expect, it } from 'vitest';
import { createContext } from '../../../pipeline/context.ts';
import { snapshotAt, textAt, withNewText } from '../../../pipeline/memory/snapshot.ts';
import { fakeModel } from '../../support/fake-model.ts';
import type { SessionContext } from '../../../pipeline/context.ts';
import type { Caption } from '../../../pipeline/protocol/index.ts';

const caption = (id: string, text: string, startMs: number, endMs: number): Caption => ({
  type: 'caption',
  segment_id: id,
  revision: 0,
  text,
  is_final: true,
  start_ms: startMs,
  end_ms: endMs,
});

/** A session into which captions of 4 KiB have come that go on for an hour, and how often one of their texts was read. */
function flooded(count: number): { context: SessionContext; reads: () => number } {
  const context = createContext(fakeModel(), { mode: 'live' });
  const text = 'ab '.repeat(1365).trim();
  for (let i = 0; i < count; i++) context.captions.apply(caption(`s${i}`, text, i, 3_600_000), 0, false);
  let reads = 0;
  for (const entry of context.captions.captions)
    Object.defineProperty(entry, 'text', {
      enumerable: true,
      get() {
        reads++;
        return text;
      },
    });
  return { context, reads: () => reads };
}

describe('a flood of captions', () => {
  it.each([
    ['a hop', (context: SessionContext) => void snapshotAt(context, 2000, 0)],
    ['the text that is encoded ahead', (context: SessionContext) => void textAt(context, 2000)],
    [
      'a late caption',
      (context: SessionContext) => {
        const before = snapshotAt(context, 2000, 0);
        const late = caption('late', 'hi', 1990, 1995);
        context.captions.apply(late, 0, false);
        expect(withNewText(context, before, late, 0)).not.toBeNull();
      },
    ],
  ])('costs %s no more than the text that it shows', (_, work) => {
    const [few, many] = [flooded(20), flooded(1000)];
    work(few.context);
    work(many.context);
    expect(many.reads()).toBe(few.reads());
    expect(many.reads()).toBeLessThan(20);
  });
});
