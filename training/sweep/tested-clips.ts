import type { ClipTable } from './clip-table.ts';
import type { Measure } from './sweep-set.ts';

/** What is tested of a set with every seed alike. */
export interface TestedClips {
  /** Of all folds together. */
  readonly clips: number;
  /** Those of them that count for the set's {@link accuracyOf}: a clip without that label does not. */
  readonly counted: number;
}

/** The first of a set's measures that is a share of clips that are right. */
export function accuracyOf(measures: readonly Measure[]): Measure | undefined {
  return measures.find(({ name }) => /(^|_)acc(uracy|_|$)/.test(name));
}

/** The clips of a table that is tested as a whole. */
export function testedClips({ n, score, sentiment, emotion }: ClipTable, measures: readonly Measure[]): TestedClips {
  const name = accuracyOf(measures)?.name ?? '';
  const labels = name.startsWith('emotion') ? emotion : sentiment;
  const counted = name.startsWith('Non0')
    ? score.filter((value) => value !== 0 && !Number.isNaN(value))
    : labels.filter((label) => label >= 0);
  return { clips: n, counted: counted.length };
}
