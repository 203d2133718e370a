import { NO_LOSS, type Level, type Loss, type Modality } from './loss.ts';
import { uses, type Method } from './methods.ts';
import type { Unit } from './unit.ts';

/** When data is missing: in testing alone, or in training too. */
export type Phase = 'testing' | 'training';

export interface PlanOptions {
  readonly set: string;
  readonly levels: readonly Level[];
  readonly methods: readonly Method[];
  readonly rates: readonly number[];
  /** Rates at which training lacks data too. */
  readonly trainingRates: readonly number[];
  readonly seeds: readonly number[];
  readonly phases: readonly Phase[];
}

/** A curve's fixed part: what is missing, at which level. */
export interface Case {
  readonly modality: Modality;
  readonly level: Level;
}

/** A text is there or not, so it has no frame level. */
export function casesOf(levels: readonly Level[]): Case[] {
  const video = levels.map((level): Case => ({ modality: 'video', level }));
  return [...video, { modality: 'text', level: 'sample' }];
}

/** Every loss at every rate above 0. */
function lossesOf(levels: readonly Level[], rates: readonly number[]): Loss[] {
  return casesOf(levels).flatMap((each) => rates.filter((rate) => rate > 0).map((rate): Loss => ({ ...each, rate })));
}

/** Everything that is to be trained, seed by seed, so that the clips of a seed are drawn once. */
export function planUnits(options: PlanOptions): Unit[] {
  const { set, levels, methods, rates, trainingRates, seeds, phases } = options;
  const tested = phases.includes('testing') ? lossesOf(levels, rates) : [];
  const trained = phases.includes('training') ? lossesOf(levels, trainingRates) : [];
  return seeds.flatMap((seed) =>
    methods.flatMap((method): Unit[] => {
      const own = trained.filter(({ modality }) => uses(method, modality));
      const alike = trained.filter((loss) => !own.includes(loss) && !tested.some((other) => sameLoss(loss, other)));
      const complete: Unit = { set, method, seed, training: NO_LOSS, testing: [NO_LOSS, ...tested, ...alike] };
      return [complete, ...own.map((loss): Unit => ({ set, method, seed, training: loss, testing: [loss] }))];
    }),
  );
}

export function sameLoss(a: Loss | null, b: Loss | null): boolean {
  if (a === null || b === null) return a === b;
  return a.modality === b.modality && a.level === b.level && a.rate === b.rate;
}

/** What training lacks in a phase; a method that does not look at the modality trains on the same data as always. */
export function trainingLoss(phase: Phase, method: Method, loss: Loss | null): Loss | null {
  return phase === 'training' && loss !== null && loss.rate > 0 && uses(method, loss.modality) ? loss : NO_LOSS;
}
