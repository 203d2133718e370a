import { UndertoneError } from '../../models/errors.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { ADAMW, adamWState, adamWStep, blendInto, globalNorm, type AdamWConfig } from './adamw.ts';
import { loadCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.ts';
import type { Batch, TrainingStep } from './compile-step.ts';
import { learningRateAt, type ScheduleConfig } from './schedule.ts';

export interface LoopConfig {
  readonly schedule: ScheduleConfig;
  readonly optimizer?: Partial<AdamWConfig>;
  /** Largest global norm of a step's gradients. */
  readonly clipNorm: number;
  /** Weight of the past in the running average of parameters. */
  readonly averageDecay: number;
  readonly checkpointEvery: number;
}

/** The same loop in so many steps. */
export function withSteps(loop: LoopConfig, steps: number): LoopConfig {
  return {
    ...loop,
    schedule: { ...loop.schedule, steps, warmup: Math.ceil(steps / 20) },
    // The average reaches back over a tenth of the run at most.
    averageDecay: Math.min(loop.averageDecay, 1 - 10 / Math.max(20, steps)),
  };
}

export interface LoopProgress {
  readonly step: number;
  readonly steps: number;
  /** Running means over the last steps. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface LoopOptions {
  readonly step: TrainingStep;
  readonly config: LoopConfig;
  readonly seed: number;
  /** The batch of a step; depends on the step's number alone, so that a resumed run sees the same ones. */
  readonly batch: (step: number) => Promise<Batch> | Batch;
  readonly checkpoint?: { readonly path: string; readonly fingerprint: string } | undefined;
  readonly onProgress?: ((progress: LoopProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SMOOTHING = 0.98;
const STATISTICS_BATCHES = 64;

/**
 * Trains from the last checkpoint, or from the step's parameters, to the last step of the schedule, and gives the
 * running average of the parameters.
 *
 * @throws UndertoneError `training_diverged` on a loss or gradient that is not finite
 * @throws the signal's reason when aborted, after saving a checkpoint
 */
export async function trainLoop(options: LoopOptions): Promise<ParamStore> {
  const { step, config, seed, checkpoint, signal } = options;
  const { steps } = config.schedule;
  const state: TrainingState = {
    step: 0,
    finished: false,
    params: step.params,
    average: new Map([...step.params].map(([name, data]) => [name, data.slice()])),
    optimizer: adamWState(step.params, step.trainable),
  };
  if (checkpoint !== undefined) await loadCheckpoint(checkpoint.path, state, checkpoint.fingerprint);
  const save = async (): Promise<void> => {
    if (checkpoint !== undefined) await saveCheckpoint(checkpoint.path, state, checkpoint.fingerprint);
  };
  let smoothLoss = Number.NaN;
  let smoothMetrics: Record<string, number> = {};
  while (state.step < steps) {
    if (signal?.aborted) {
      await save();
      signal.throwIfAborted();
    }
    const { loss, metrics } = await advance(options, state, seed);
    const blend = (past: number | undefined, now: number): number =>
      past === undefined || Number.isNaN(past) ? now : SMOOTHING * past + (1 - SMOOTHING) * now;
    smoothLoss = blend(smoothLoss, loss);
    smoothMetrics = Object.fromEntries(
      Object.entries(metrics).map(([key, now]) => [key, blend(smoothMetrics[key], now)]),
    );
    options.onProgress?.({ step: state.step, steps, loss: smoothLoss, metrics: smoothMetrics });
    state.finished = state.step === steps && !step.hasStatistics;
    if (state.step % config.checkpointEvery === 0 || state.step === steps) await save();
  }
  if (!state.finished) {
    await measureStatistics(options, state.average);
    state.finished = true;
    await save();
  }
  return state.average;
}

/**
 * Batch statistics are those of the parameters that made them: takes them anew from the averaged ones, as the mean over
 * {@link STATISTICS_BATCHES} batches that no step saw (Izmailov et al., arXiv 1803.05407, do the same).
 */
async function measureStatistics({ step, batch, config, seed }: LoopOptions, average: ParamStore): Promise<void> {
  if (!step.hasStatistics) return;
  const last = new Map([...step.params].map(([name, values]) => [name, values.slice()]));
  for (const [name, values] of average) step.params.get(name)?.set(values);
  for (let i = 0; i < STATISTICS_BATCHES; i++) {
    const at = config.schedule.steps + i;
    for (const [name, ofBatch] of await step.statistics(await batch(at), seed, at)) {
      const mean = average.get(name);
      if (mean !== undefined) blendInto(mean, ofBatch, i / (i + 1));
    }
  }
  for (const [name, values] of last) step.params.get(name)?.set(values);
}

async function advance(
  { step, config, batch }: LoopOptions,
  state: TrainingState,
  seed: number,
): Promise<{ loss: number; metrics: Readonly<Record<string, number>> }> {
  const result = await step.run(await batch(state.step), seed, state.step);
  const norm = globalNorm(result.gradients);
  if (!Number.isFinite(result.loss) || !Number.isFinite(norm))
    throw new UndertoneError(
      'training_diverged',
      `loss or gradient is not finite at step ${state.step}; lower the learning rate`,
    );
  adamWStep(
    step.params,
    result.gradients,
    state.optimizer,
    { ...ADAMW, ...config.optimizer },
    {
      learningRate: learningRateAt(state.step, config.schedule),
      gradientScale: Math.min(1, config.clipNorm / (norm + 1e-12)),
      decays: step.decays,
    },
  );
  state.step++;
  keepAverages(step, state, Math.min(config.averageDecay, state.step / (state.step + 10)));
  return { loss: result.loss, metrics: result.metrics };
}

/** Blends the trained parameters into their running averages. */
function keepAverages(step: TrainingStep, state: TrainingState, decay: number): void {
  for (const name of step.trainable) {
    const average = state.average.get(name);
    const param = step.params.get(name);
    if (average !== undefined && param !== undefined) blendInto(average, param, decay);
  }
}
