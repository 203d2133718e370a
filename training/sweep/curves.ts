import type { Level, Loss } from './loss.ts';
import type { Method } from './methods.ts';
import { casesOf, sameLoss, trainingLoss, type Case, type Phase } from './plan.ts';
import { areaUnder, spreadOf, type Spread } from './statistics.ts';
import type { Measure } from './sweep-set.ts';
import type { UnitResult } from './unit.ts';

/** One measure of one method as more and more of a modality is missing. */
export interface Curve extends Case {
  readonly phase: Phase;
  readonly method: string;
  readonly measure: string;
  readonly points: readonly { readonly rate: number; readonly value: Spread }[];
  /** With everything observed, whether or not 0 is among the rates. */
  readonly full: Spread;
  /** Area under it, divided by the range of rates: its mean height. */
  readonly area: Spread;
  /** What the highest rate costs against everything observed: positive is a loss, whichever way is better. */
  readonly drop: Spread;
}

export interface CurvesOptions {
  readonly results: readonly UnitResult[];
  readonly phase: Phase;
  readonly levels: readonly Level[];
  readonly methods: readonly Method[];
  readonly seeds: readonly number[];
  readonly rates: readonly number[];
  readonly measures: readonly Measure[];
}

/** The curves of a phase, each value over the seeds; area and drop are measured seed by seed. */
export function curvesOf(options: CurvesOptions): Curve[] {
  const { phase, levels, methods, measures } = options;
  return casesOf(levels).flatMap((each) =>
    methods.flatMap((method) => measures.map((measure) => curveOf(each, phase, method, measure, options))),
  );
}

function curveOf(each: Case, phase: Phase, method: Method, measure: Measure, options: CurvesOptions): Curve {
  const { results, seeds } = options;
  const rates = [...new Set(options.rates)].sort((a, b) => a - b);
  const valueAt = (seed: number, rate: number): number | null => {
    const loss: Loss | null = rate === 0 ? null : { ...each, rate };
    const training = trainingLoss(phase, method, loss);
    const unit = results.find(
      (result) => result.method === method.name && result.seed === seed && sameLoss(result.training, training),
    );
    const test = unit?.tests.find(({ testing }) => sameLoss(testing, loss));
    return test?.metrics[measure.name] ?? null;
  };
  const full = seeds.map((seed) => valueAt(seed, 0));
  const bySeed = seeds.map((seed) => rates.map((rate) => ({ rate, value: valueAt(seed, rate) })));
  const drops = bySeed.map((points, i) => {
    const [before, after] = [full[i] ?? null, points.at(-1)?.value ?? null];
    if (before === null || after === null) return null;
    return measure.better === 'higher' ? before - after : after - before;
  });
  return {
    ...each,
    phase,
    method: method.name,
    measure: measure.name,
    points: rates.map((rate, i) => ({ rate, value: spreadOf(bySeed.map((points) => points[i]?.value)) })),
    full: spreadOf(full),
    area: spreadOf(bySeed.map(areaUnder)),
    drop: spreadOf(drops),
  };
}
