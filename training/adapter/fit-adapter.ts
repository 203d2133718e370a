import type { LexicalAdapterConfig } from '../../models/encoders/lexical-adapter.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { SENTIMENTS } from '../../models/model.ts';
import type { TokenisedTexts } from '../../models/runtime/encoder-runner.ts';
import { unitRows } from '../../models/runtime/unit-rows.ts';
import type { ClipTable } from '../sweep/clip-table.ts';
import { groupedFolds } from '../sweep/sets/grouped-folds.ts';
import { tweetKey } from '../datasets/tweet-key.ts';
import { quietDirections } from './quiet-directions.ts';
import { fitLinear, readRow } from './fit-linear.ts';
import { lexiconOf, ngramsOf, weighTexts, type SparseRows } from './lexicon.ts';

export interface AdapterSource {
  readonly table: ClipTable;
  /** [n], 1 where the text may be learnt from. */
  readonly textMask: Float32Array;
  /** The table's texts, and what the encoder is given of them. */
  readonly texts: readonly string[];
  readonly tokenised: TokenisedTexts;
  readonly emotions: number;
  readonly seed: number;
}

export interface FittedAdapter {
  readonly config: LexicalAdapterConfig;
  /** Of `lexicalAdapterGraph`. */
  readonly params: ParamStore;
  /** How many of their numbers were fitted. */
  readonly parameters: number;
  /**
   * Embeddings [n, d] of the texts it was fitted on, moved by readers that have not seen them: of its own texts a reader knows
   * more than of others, and heads that trained on that would trust it too much.
   */
  readonly crossFitted: Float32Array;
}

/** One kind of label. */
interface Reader {
  readonly link: 'softmax' | 'identity';
  readonly outputs: number;
  readonly rows: readonly number[];
  /** [n, outputs]. */
  readonly targets: Float64Array;
}

/** Length of all reads of a text together, as the root of their mean square; an embedding's is 1. */
const REACH = 0.5;
const PENALTY = 1;
/** Of pairs of tokens: of some ten thousand pairs few share one. */
const BUCKETS = 65_536;
const FOLDS = 5;
/** Reads of unseen texts are usually about half as long as of seen ones, or longer; below this share they tell nothing. */
const LEAST_OF_OTHERS = 0.1;

/**
 * Fits a lexical adapter to the texts and labels of a table: for each kind of label that there is a linear reader of tf-idf over
 * tokens and pairs of tokens, with the penalty that is scikit-learn's default, and a direction for each of its outputs.
 *
 * @returns undefined where no text that may be learnt from has a label
 */
export function fitLexicalAdapter(source: AdapterSource): FittedAdapter | undefined {
  const { table, textMask, texts, tokenised, seed } = source;
  const shown = [...textMask.keys()].filter((row) => textMask[row] === 1);
  const readers = readersOf(source, shown);
  if (readers.length === 0) return undefined;
  const { vocabulary, padId } = tokenised;
  const tables = { vocabulary, padId, buckets: BUCKETS };
  const ngrams = tokenised.tokens.map((ids) => ngramsOf(ids, tables));
  const lexicon = lexiconOf(
    shown.map((row) => ngrams[row] ?? []),
    vocabulary + BUCKETS,
  );
  const rows = weighTexts(ngrams, lexicon);
  const keys = texts.map((text, i) => tweetKey(text) || lettersOf(text) || String(i));
  const folds = groupedFolds(keys, FOLDS, seed, 'folds of the adapter');
  const fitted = readers.map((reader) => fitReader(reader, rows, folds, REACH / Math.sqrt(readers.length), shown));
  const reads = readers.reduce((sum, { outputs }) => sum + outputs, 0);
  const { dimension } = table;
  const config = { ...tables, reads, dimension };
  const directions = quietDirections(table.text, dimension, shown, reads);

  const rowTable = new Float32Array((vocabulary + BUCKETS) * (reads + 1));
  for (const [ngram, column] of lexicon.columnOf.entries()) {
    if (column < 0) continue;
    const idf = lexicon.idf[column] ?? 0;
    const at = ngram * (reads + 1);
    let k = 0;
    for (const { weights, outputs } of fitted)
      for (let output = 0; output < outputs; output++)
        rowTable[at + k++] = idf * (weights[column * outputs + output] ?? 0);
    rowTable[at + reads] = idf * idf;
  }
  const cut = vocabulary * (reads + 1);
  const params: ParamStore = new Map([
    ['adapter.tokens', rowTable.slice(0, cut)],
    ['adapter.pairs', rowTable.slice(cut)],
    ['adapter.directions', directions],
  ]);

  const moved = table.text.slice();
  for (const row of shown) {
    const read = fitted.flatMap(({ readOf }) => [...readOf(row)]);
    for (const [k, value] of read.entries())
      for (let d = 0; d < dimension; d++)
        moved[row * dimension + d] = (moved[row * dimension + d] ?? 0) + value * (directions[k * dimension + d] ?? 0);
  }
  return { config, params, parameters: rows.width * reads, crossFitted: unitRows(moved, dimension).rows };
}

/** What copies of a text share that has no letter or digit of ASCII, which are all that `tweetKey` keeps. */
function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/https?:\S+|[^\p{L}\p{N}]+/gu, '');
}

/**
 * A reader's weights, scaled so that its reads have this length, and what readers that haven't seen a row read of it. Where these
 * read next to nothing, as of texts that share no words, it reads nothing at all.
 */
function fitReader(
  { link, outputs, rows: labelled, targets }: Reader,
  rows: SparseRows,
  foldOf: Int8Array,
  reach: number,
  shown: readonly number[],
) {
  const fit = (of: readonly number[]): Float64Array =>
    fitLinear({ rows, of, outputs, targets, link, penalty: PENALTY });
  const whole = fit(labelled);
  const left = Array.from({ length: FOLDS }, (_, fold) => fit(labelled.filter((row) => foldOf[row] !== fold)));
  const unscaled = (row: number): Float64Array => readRow(rows, row, left[foldOf[row] ?? 0] ?? whole, outputs);
  const lengthOf = (read: (row: number) => Float64Array): number => {
    const squares = shown.reduce((sum, row) => sum + read(row).reduce((part, value) => part + value * value, 0), 0);
    return Math.sqrt(squares / Math.max(1, shown.length));
  };
  const length = lengthOf(unscaled);
  const seen = lengthOf((row) => readRow(rows, row, whole, outputs));
  const scale = length <= LEAST_OF_OTHERS * seen ? 0 : reach / Math.max(1e-9, length);
  return {
    outputs,
    weights: whole.map((value) => value * scale),
    readOf: (row: number) => unscaled(row).map((value) => value * scale),
  };
}

function readersOf({ table, emotions }: AdapterSource, shown: readonly number[]): Reader[] {
  const { score, sentiment, emotion } = table;
  const classes = (labels: Int8Array, outputs: number): Reader => ({
    link: 'softmax',
    outputs,
    rows: shown.filter((row) => (labels[row] ?? -1) >= 0),
    targets: Float64Array.from({ length: table.n * outputs }, (_, i) =>
      Number(i % outputs === labels[Math.floor(i / outputs)]),
    ),
  });
  const scores: Reader = {
    link: 'identity',
    outputs: 1,
    rows: shown.filter((row) => !Number.isNaN(score[row] ?? Number.NaN)),
    targets: Float64Array.from(score),
  };
  return [scores, classes(sentiment, SENTIMENTS.length), classes(emotion, emotions)].filter(
    ({ rows }) => rows.length > 0,
  );
}
