import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptTokenizer } from '../../../training/stages/kept-tokenizer.ts';
import { trainTokenizer } from '../../../training/tokenizer/train-tokenizer.ts';

const TEXTS = ['a great day', 'a great day out', 'so very sad'];
const SIZE = 520;
const made = (texts: readonly string[], vocabSize = SIZE): string =>
  JSON.stringify(trainTokenizer(texts, { vocabSize }));

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-tokenizer-'));
  path = join(folder, 'tokenizer.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the tokenizer of a run', () => {
  it('is what training on the texts gives, in a file that holds nothing else', async () => {
    expect(await keptTokenizer(path, TEXTS, SIZE)).toBe(made(TEXTS));
    expect(readFileSync(path, 'utf8')).toBe(made(TEXTS));
    expect(readdirSync(folder).sort()).toEqual(['tokenizer.json', 'tokenizer.json.made-of.json']);
  });

  it('is read again by the next run', async () => {
    await keptTokenizer(path, TEXTS, SIZE);
    const { mtimeMs, ino } = statSync(path);
    expect(await keptTokenizer(path, TEXTS, SIZE)).toBe(made(TEXTS));
    expect(statSync(path)).toMatchObject({ mtimeMs, ino });
  });

  it.each<[string, (whole: string) => string]>([
    ['cut short', (whole) => whole.slice(0, 100)],
    ['empty', () => ''],
    ['of something else', () => '{"model":{}}'],
    ['of other texts', () => made(['what a day', 'what a day'])],
  ])('is made again where the file is %s', async (_, spoilt) => {
    writeFileSync(path, spoilt(await keptTokenizer(path, TEXTS, SIZE)));
    expect(await keptTokenizer(path, TEXTS, SIZE)).toBe(made(TEXTS));
    expect(readFileSync(path, 'utf8')).toBe(made(TEXTS));
  });

  it('is made again for other texts and for another size, and where it is not said what it was made of', async () => {
    await keptTokenizer(path, TEXTS, SIZE);
    const other = [...TEXTS, 'what a day', 'what a day'];
    expect(await keptTokenizer(path, other, SIZE)).toBe(made(other));
    expect(await keptTokenizer(path, other, SIZE - 2)).toBe(made(other, SIZE - 2));
    rmSync(`${path}.made-of.json`);
    writeFileSync(path, made(TEXTS));
    expect(await keptTokenizer(path, other, SIZE)).toBe(made(other));
  });

  it('that cannot be written is told with its path', async () => {
    mkdirSync(path);
    await expect(keptTokenizer(path, TEXTS, SIZE)).rejects.toMatchObject({
      code: 'checkpoint_unwritable',
      message: expect.stringContaining(path) as unknown,
    });
  });
});
