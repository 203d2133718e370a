import { loadLocalModel } from '../../models/runtime/load-local-model.ts';
import { evaluateNamed } from './evaluate-named.ts';
import { trainedOn, type EvaluateOptions, type EvaluationResult } from './evaluate.ts';
import { percent } from '../percent.ts';
import type { MetricRecord } from './metrics/metric-record.ts';

/** Several bundles on the same samples with the same losses. */
export interface Comparison {
  readonly dataset: string;
  readonly split: string;
  readonly seed: number;
  /** One for each bundle with nothing missing, then one for each with what was asked to be missing. */
  readonly rows: readonly ComparisonRow[];
  /** The trivial prediction on the first row's samples. */
  readonly baseline: MetricRecord;
  /** As in {@link EvaluationResult}. */
  readonly baseline_from?: string;
  readonly clips_not_read?: number;
  readonly held_out_of?: string;
}

export interface ComparisonRow extends Pick<
  EvaluationResult,
  'n' | 'trained_on' | 'insufficient' | 'missing' | 'missing_level' | 'metrics' | 'baseline'
> {
  /** Name, and version, of the bundle. */
  readonly bundle: string;
  /** The foundation model of its encoders. */
  readonly foundation: string;
}

export interface CompareOptions extends Omit<EvaluateOptions, 'model' | 'onProgress'> {
  /** Name, name@version or folder of each. */
  readonly bundles: readonly string[];
  readonly onProgress?: (bundle: string, done: number, total: number) => void;
}

/**
 * Evaluates bundles one after the other, each with nothing missing and, where something is to be missing, with that too.
 *
 * @throws UndertoneError those of `evaluateNamed` and of opening a bundle
 */
export async function compareBundles(options: CompareOptions): Promise<Comparison> {
  const { bundles, missing = {}, onProgress, onBad, ...shared } = options;
  const patterns = Object.keys(missing).length === 0 ? [{}] : [{}, missing];
  const results: { readonly result: EvaluationResult; readonly foundation: string; readonly pattern: number }[] = [];
  for (const bundle of bundles) {
    const model = await loadLocalModel({ bundle, signal: shared.signal });
    try {
      const { name, foundation = name } = model.info;
      const watched = {
        ...shared,
        model,
        // All see the same samples, so what is left out is told of once.
        onBad: bundle === bundles[0] ? onBad : undefined,
        onProgress: (done: number, total: number) => onProgress?.(name, done, total),
      };
      for (const [pattern, result] of (await evaluateNamed(watched, patterns)).entries())
        results.push({ result, foundation, pattern });
    } finally {
      await model.close();
    }
  }
  const rows = results
    .toSorted((a, b) => a.pattern - b.pattern)
    .map(({ result, foundation }): ComparisonRow => {
      const { n, insufficient, missing: lost, missing_level: level, metrics, baseline, bundle } = result;
      return {
        bundle: `${bundle.name} ${bundle.version}`,
        foundation,
        n,
        ...trainedOn(result.trained_on ?? 0),
        insufficient,
        missing: lost,
        ...(level === undefined ? {} : { missing_level: level }),
        metrics,
        baseline,
      };
    });
  const [first] = results;
  return {
    dataset: shared.dataset,
    split: shared.split,
    seed: shared.seed ?? 0,
    rows,
    baseline: first?.result.baseline ?? {},
    ...(first?.result.baseline_from === undefined ? {} : { baseline_from: first.result.baseline_from }),
    ...(first?.result.clips_not_read === undefined ? {} : { clips_not_read: first.result.clips_not_read }),
    ...(first?.result.held_out_of === undefined ? {} : { held_out_of: first.result.held_out_of }),
  };
}

/**
 * The comparison as a Markdown table: a row for each bundle and loss, and one for the trivial prediction on all those samples
 * that a row is of: fewer where nothing is left of some.
 */
export function formatComparison(comparison: Comparison): string {
  const { dataset, split, rows, baseline_from: from } = comparison;
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))];
  const head = ['foundation', 'bundle', 'missing', 'n', ...metrics];
  return [
    `${dataset}, ${split}`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map((row) =>
      line([row.foundation, row.bundle, lostOf(row), row.n, ...metrics.map((metric) => row.metrics[metric])]),
    ),
    ...trivialRows(rows, metrics).map((row) =>
      line([
        from === undefined ? 'trivial' : `trivial, of ${from} itself`,
        '',
        lostOf(row),
        row.n,
        ...metrics.map((metric) => row.baseline[metric]),
      ]),
    ),
  ].join('\n');
}

/** The first row of each that are of the same samples, as far as the trivial prediction tells in the table's metrics. */
function trivialRows(rows: readonly ComparisonRow[], metrics: readonly string[]): ComparisonRow[] {
  const first = new Map<string, ComparisonRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.n, metrics.map((metric) => row.baseline[metric])]);
    if (!first.has(key)) first.set(key, row);
  }
  return [...first.values()];
}

function line(cells: readonly (string | number | null | undefined)[]): string {
  return `| ${cells.map((cell) => cell ?? '').join(' | ')} |`;
}

function lostOf({ missing, missing_level: level }: ComparisonRow): string {
  const how = level === 'slot' ? ' of the slots' : '';
  const lost = Object.entries(missing).map(([name, share]) => `${name} ${percent(share)}${how}`);
  return lost.join(', ') || 'nothing';
}
