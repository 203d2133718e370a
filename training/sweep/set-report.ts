import type { MetricRecord } from '../evaluation/metrics/metric-record.ts';
import { curvesOf, type Curve } from './curves.ts';
import type { Level } from './loss.ts';
import type { Method } from './methods.ts';
import { spreadOf, type Spread } from './statistics.ts';
import type { Phase } from './plan.ts';
import type { Measure, SweepSet } from './sweep-set.ts';
import type { TestedClips } from './tested-clips.ts';
import type { Unit, UnitResult } from './unit.ts';
import { gapsOf, type Gap } from './gaps.ts';
import { verdictsOf, type Verdict } from './verdicts.ts';

/** Everything that a sweep of one set measured. */
export interface SetReport {
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly measures: readonly Measure[];
  readonly tested: TestedClips;
  readonly methods: readonly { readonly name: string; readonly title: string; readonly tuned: string }[];
  readonly seeds: readonly number[];
  readonly curves: readonly Curve[];
  /** Of `zero-complete`, `trml` and the first measure. */
  readonly gaps: readonly Gap[];
  /** TRML against every other method, point by point, on the first measure. */
  readonly verdicts: readonly Verdict[];
  /** Of the inference heads alone, by method: what `virtualMetrics` gives. */
  readonly virtual: readonly { readonly method: string; readonly metrics: Readonly<Record<string, Spread>> }[];
  /** Training and testing time of all units together. */
  readonly seconds: number;
}

export interface SetReportOptions {
  readonly set: SweepSet;
  readonly levels: readonly Level[];
  readonly methods: readonly Method[];
  readonly units: readonly Unit[];
  readonly read: (unit: Unit) => Promise<UnitResult | undefined>;
  readonly options: {
    readonly seeds: readonly number[];
    readonly rates: readonly number[];
    readonly trainingRates?: readonly number[] | undefined;
    readonly phases: readonly Phase[];
  };
}

export async function setReport({ set, levels, methods, units, read, options }: SetReportOptions): Promise<SetReport> {
  const results: UnitResult[] = [];
  for (const unit of units) {
    const result = await read(unit);
    if (result !== undefined) results.push(result);
  }
  const { seeds, rates, phases, trainingRates = rates } = options;
  const curves = phases.flatMap((phase) =>
    curvesOf({
      results,
      phase,
      levels,
      methods,
      seeds,
      measures: set.measures,
      rates: phase === 'testing' ? rates : trainingRates,
    }),
  );
  return {
    name: set.name,
    title: set.title,
    notes: set.notes,
    measures: set.measures,
    tested: set.tested,
    methods: methods.map((method) => ({ name: method.name, title: method.title, tuned: tunedText(method) })),
    seeds,
    curves,
    gaps: gapsOf(curves, set.measures[0]),
    verdicts: verdictsOf(curves, set.measures[0]),
    virtual: virtualOf(results, methods),
    seconds: results.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function tunedText({ peak, lateFusion }: Method): string {
  const shape = lateFusion === undefined ? '' : `, ${lateFusion.layers} layers of ${lateFusion.width}`;
  return peak === undefined ? '' : `learning rate ${peak}${shape}`;
}

function virtualOf(results: readonly UnitResult[], methods: readonly Method[]): SetReport['virtual'] {
  return methods.flatMap(({ name }) => {
    const own = results.filter(({ method, training }) => method === name && training === null);
    const records = own.map(({ virtual }): MetricRecord => virtual).filter((record) => Object.keys(record).length > 0);
    const keys = Object.keys(records[0] ?? {});
    if (keys.length === 0) return [];
    const metrics = Object.fromEntries(keys.map((key) => [key, spreadOf(records.map((record) => record[key]))]));
    return [{ method: name, metrics }];
  });
}
