import { describe, expect, it } from 'vitest';
import { cosine } from '../../../models/cosine.ts';
import { random } from '../../../models/random.ts';
import { fitLexicalAdapter, type FittedAdapter } from '../../../training/adapter/fit-adapter.ts';
import { emptyTable, type ClipTable } from '../../../training/sweep/clip-table.ts';

const DIMENSION = 8;
const VOCABULARY = 40;
const N = 200;

/** Texts of six tokens; the embeddings vary along the first four of eight axes and say nothing of the labels. */
function drawn(label: (ids: readonly number[], i: number) => number): {
  readonly table: ClipTable;
  readonly tokens: Int32Array[];
} {
  const draw = random('fit adapter');
  const table = emptyTable(N, 1, DIMENSION);
  table.textMask.fill(1);
  const tokens = Array.from({ length: N }, (_, i) => {
    const ids = Array.from({ length: 6 }, () => 1 + draw.int(VOCABULARY - 1));
    for (let k = 0; k < 4; k++) table.text[i * DIMENSION + k] = draw.normal();
    table.sentiment[i] = label(ids, i);
    return Int32Array.from(ids);
  });
  return { table, tokens };
}

function fit(
  { table, tokens }: ReturnType<typeof drawn>,
  { texts = tokens.map(String), textMask = table.textMask } = {},
): FittedAdapter | undefined {
  const tokenised = { tokens, vocabulary: VOCABULARY, padId: 0 };
  return fitLexicalAdapter({ table, textMask, texts, tokenised, emotions: 7, seed: 1 });
}

/** Mean cosine of the parts outside the embeddings' own axes, of clips of one label and of two. */
function agreement({ crossFitted }: FittedAdapter, { sentiment }: ClipTable): { same: number; other: number } {
  const read = (i: number): Float32Array => crossFitted.subarray(i * DIMENSION + 4, (i + 1) * DIMENSION);
  const found = { same: [] as number[], other: [] as number[] };
  for (let i = 0; i < N; i++)
    for (let j = 0; j < i; j++) found[sentiment[i] === sentiment[j] ? 'same' : 'other'].push(cosine(read(i), read(j)));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return { same: mean(found.same), other: mean(found.other) };
}

const byWord = (ids: readonly number[]): number => (ids.includes(7) || ids.includes(8) || ids.includes(9) ? 2 : 0);

describe('a lexical adapter that is fitted', () => {
  it('moves texts of a label alike, where words tell it', () => {
    const clips = drawn(byWord);
    const { same, other } = agreement(fit(clips) as FittedAdapter, clips.table);
    expect(same - other).toBeGreaterThan(0.5);
  });

  it('reads nothing of the texts that it was fitted on where words tell nothing', () => {
    const clips = drawn((_, i) => i % 3);
    const { same, other } = agreement(fit(clips) as FittedAdapter, clips.table);
    expect(same - other).toBeLessThan(0.1);
  });

  it('knows a text from no copy of it', () => {
    // Every text is there twice with a label of its own: whoever has seen the copy knows it.
    const one = drawn(() => 0);
    const tokens = one.tokens.map((_, i) => one.tokens[i % (N / 2)] as Int32Array);
    for (let i = 0; i < N; i++) one.table.sentiment[i] = random('label', i % (N / 2)).int(3);
    const { same, other } = agreement(fit({ table: one.table, tokens }) as FittedAdapter, one.table);
    const told = agreement(
      fit({ table: one.table, tokens }, { texts: tokens.map((_, i) => `text ${i}`) }) as FittedAdapter,
      one.table,
    );
    expect(told.same - told.other).toBeGreaterThan(same - other + 0.2);
  });

  it('knows copies by the letters of any script', () => {
    const one = drawn(() => 0);
    const tokens = one.tokens.map((_, i) => one.tokens[i % (N / 2)] as Int32Array);
    for (let i = 0; i < N; i++) one.table.sentiment[i] = random('label', i % (N / 2)).int(3);
    const clips = { table: one.table, tokens };
    const texts = tokens.map((ids) => Array.from(ids, (id) => String.fromCodePoint(0x430 + (id % 32))).join(' '));
    const asNamed = fit(clips, { texts: texts.map((text) => `n${texts.indexOf(text)}`) });
    expect(fit(clips, { texts })?.crossFitted).toEqual(asNamed?.crossFitted);
  });

  it('moves nothing where each text shares its words with its copies alone', () => {
    const { table } = drawn((_, i) => (i % 2) * 2);
    const tokens = Array.from({ length: N }, (_, i) => Int32Array.of(1 + (i % 2)));
    const read = fit({ table, tokens })?.params.get('adapter.tokens') ?? [];
    // After the reads of each token come its squares.
    expect(read).toHaveLength(4 * VOCABULARY);
    expect(read.every((value, i) => i % 4 === 3 || Math.abs(value) === 0)).toBe(true);
  });

  it('learns nothing of texts that are masked, and leaves their embeddings as they are', () => {
    const clips = drawn(byWord);
    const textMask = Float32Array.from({ length: N }, (_, i) => Number(i < 120));
    const other = drawn((ids, i) => (i < 120 ? byWord(ids) : 1));
    const [masked, changed] = [fit(clips, { textMask }), fit(other, { textMask })];
    expect(changed?.params).toEqual(masked?.params);
    const row = masked?.crossFitted.subarray(150 * DIMENSION, 151 * DIMENSION) ?? new Float32Array();
    expect(cosine(row, clips.table.text.subarray(150 * DIMENSION, 151 * DIMENSION))).toBeCloseTo(1, 5);
  });

  it('reads every kind of label, and is none where there is no label', () => {
    const clips = drawn(byWord);
    clips.table.score.fill(1, 0, 50);
    clips.table.emotion.fill(3, 0, 50);
    expect(fit(clips)?.config.reads).toBe(1 + 3 + 7);
    expect(fit(drawn(() => -1))).toBeUndefined();
  });
});
