import { UndertoneError } from '../../models/errors.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { ADAMW, adamWState, adamWStep, blendInto, globalNorm, type AdamWConfig } from './adamw.ts';
import { loadCheckpoint, saveCheckpoint, type TrainingState } from './checkpoint.ts';
import type { TrainingStep } from './compile-step.ts';
import { learningRateAt, type ScheduleConfig } from './schedule.ts';

export interface LoopConfig {
  readonly schedule: ScheduleConfig;
  readonly optimizer?: Partial<AdamWConfig>;
  /** Largest global norm of a step's gradients. */
  readonly clipNorm: number;
  /** Weight of the past in the running average of parameters and of batch statistics. */
  readonly averageDecay: number;
  readonly checkpointEvery: number;
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
  readonly batch: (
    step: number,
  ) => Promise<Readonly<Record<string, TensorData>>> | Readonly<Record<string, TensorData>>;
  readonly checkpoint?: { readonly path: string; readonly fingerprint: string } | undefined;
  readonly onProgress?: ((progress: LoopProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const SMOOTHING = 0.98;

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
    if (state.step % config.checkpointEvery === 0 || state.step === steps) await save();
  }
  return state.average;
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
  keepAverages(step, state, result.statistics, Math.min(config.averageDecay, state.step / (state.step + 10)));
  return { loss: result.loss, metrics: result.metrics };
}

/** Averages the batch statistics into the parameters that hold them, and the trained parameters beside these. */
function keepAverages(step: TrainingStep, state: TrainingState, statistics: ParamStore, decay: number): void {
  for (const [name, ofBatch] of statistics) {
    const running = step.params.get(name);
    if (running === undefined) continue;
    blendInto(running, ofBatch, decay);
    state.average.get(name)?.set(running);
  }
  for (const name of step.trainable) {
    const average = state.average.get(name);
    const param = step.params.get(name);
    if (average !== undefined && param !== undefined) blendInto(average, param, decay);
  }
}
