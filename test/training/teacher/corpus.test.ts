import { all } from 'nlp-corpus';
import { expect, it } from 'vitest';
import { openCorpus } from '../../../training/teacher/corpus.ts';

const config = { words: [3, 40], weight: 0.5 } as const;

it('gives sentences without labels, of as many words as are asked for, none of them twice', async () => {
  const { sentences } = await openCorpus(config, []);
  expect(sentences.length).toBeGreaterThan(50_000);
  const lengths = sentences.map(({ text }) => text.split(' ').length);
  expect(lengths.filter((words) => words < 3 || words > 40)).toEqual([]);
  const labelled = sentences.filter(
    ({ score, sentiment, emotions }) => score !== undefined || sentiment !== undefined || emotions !== undefined,
  );
  expect(labelled).toEqual([]);
  expect(new Set(sentences.map(({ weight }) => weight))).toEqual(new Set([0.5]));
  const spelled = sentences.map(({ text }) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim(),
  );
  expect(new Set(spelled).size).toBe(spelled.length);
});

it('leaves out what a validation text says, however it is written', async () => {
  const { sentences } = await openCorpus(config, []);
  const [first, second, third] = sentences.filter(({ text }) => /^[A-Z][a-z ]+\.$/.test(text)).map(({ text }) => text);
  const validation = [`${first?.toUpperCase()}`, `  ${second?.replaceAll(' ', '  ').replace('.', '!')}`];
  const left = new Set((await openCorpus(config, validation)).sentences.map(({ text }) => text));
  expect(left.has(first ?? '')).toBe(false);
  expect(left.has(second ?? '')).toBe(false);
  expect(left.has(third ?? '')).toBe(true);
  expect(left.size).toBe(sentences.length - 2);
  expect(all().length).toBeGreaterThan(left.size);
});
