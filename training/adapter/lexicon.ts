import { bigramsOf } from '../../models/graph/ops/index.ts';
import type { LexicalAdapterConfig } from '../../models/encoders/lexical-adapter.ts';

/** Rows of a sparse matrix, one after the other: row i has the entries `starts[i]` to `starts[i + 1]`. */
export interface SparseRows {
  readonly width: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Tokens and pairs of tokens that tell texts apart, and how much each counts. */
export interface Lexicon {
  /** Of every token, and after them of every bucket of pairs: its column, or -1 where it isn't read. */
  readonly columnOf: Int32Array;
  /** Inverse document frequency of each column: ln((1 + texts) / (1 + texts with it)) + 1, as scikit-learn has it. */
  readonly idf: readonly number[];
}

/** What occurs in one text says nothing of others. */
const FEWEST_TEXTS = 2;

/** The tokens and pairs of a text, by their rows of the adapter's tables, `tokens` before `pairs`. */
export function ngramsOf(
  ids: ArrayLike<number>,
  { vocabulary, buckets, padId }: Pick<LexicalAdapterConfig, 'vocabulary' | 'buckets' | 'padId'>,
): number[] {
  const shown = Array.from(ids).filter((id) => id !== padId);
  return [...shown, ...bigramsOf(shown, buckets).map((bucket) => vocabulary + bucket)];
}

/** @param texts of each text its ngrams @param size of the adapter's tables together */
export function lexiconOf(texts: readonly (readonly number[])[], size: number): Lexicon {
  const counts = new Int32Array(size);
  for (const ngrams of texts) for (const ngram of new Set(ngrams)) counts[ngram] = (counts[ngram] ?? 0) + 1;
  const columnOf = new Int32Array(size).fill(-1);
  const idf: number[] = [];
  for (const [ngram, count] of counts.entries()) {
    if (count < FEWEST_TEXTS) continue;
    columnOf[ngram] = idf.length;
    idf.push(Math.log((1 + texts.length) / (1 + count)) + 1);
  }
  return { columnOf, idf };
}

/**
 * Texts as tf-idf, an entry for each occurrence, divided by the root of the sum of the entries' squares: of length 1 where nothing
 * occurs twice.
 */
export function weighTexts(texts: readonly (readonly number[])[], { columnOf, idf }: Lexicon): SparseRows {
  const known = texts.map((ngrams) => ngrams.map((ngram) => columnOf[ngram] ?? -1).filter((column) => column >= 0));
  const starts = new Int32Array(texts.length + 1);
  for (const [i, columns] of known.entries()) starts[i + 1] = (starts[i] ?? 0) + columns.length;
  const values = known.flatMap((columns) => {
    const length = Math.sqrt(columns.reduce((sum, column) => sum + (idf[column] ?? 0) ** 2, 0));
    return columns.map((column) => (idf[column] ?? 0) / length);
  });
  return { width: idf.length, starts, columns: Int32Array.from(known.flat()), values: Float64Array.from(values) };
}
