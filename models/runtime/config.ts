import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { DEFAULT_BUNDLE } from '../bundle/artifacts.ts';
import { readSettings, type Environment } from '../settings.ts';

/** Where inference runs; `auto` takes the fastest that a timed probe finds. */
export const ProviderChoice = z.enum(['auto', 'cpu', 'webgpu', 'cuda']);
export type ProviderChoice = z.infer<typeof ProviderChoice>;

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Every setting of the processes that run the model, with its default. */
export const RuntimeConfig = z.strictObject({
  bundle: z.string().default(DEFAULT_BUNDLE).describe('Bundle: name, name@version or folder'),
  provider: ProviderChoice.default('auto').describe(
    'Execution provider: cpu, webgpu, cuda; auto takes the fastest that a timed probe finds',
  ),
  workers: whole(0, 512)
    .default(0)
    .describe('Inference processes; 0 is one per core, as far as memory has room, or one on a GPU'),
  deadlineMs: whole(10, 600_000)
    .default(1000)
    .describe('Longest that a batch may take before its process is killed and replaced'),
  loadDeadlineMs: whole(100, 600_000).default(60_000).describe('Longest that an inference process may take to start'),
  maxBatch: whole(1, 1024).default(64).describe('Most inputs in one batch'),
  batchTargetMs: whole(1, 60_000)
    .default(25)
    .describe(
      'Batches are cut so that they take about this long, four inputs or fewer up to three times as long: what a more urgent input may have to wait',
    ),
  maxQueue: whole(1, 1_000_000)
    .default(1024)
    .describe('Most waiting inputs of one kind; further ones are rejected with inference_overloaded'),
  maxWaitMs: whole(10, 600_000)
    .default(10_000)
    .describe('Longest wait for a free process before an input is rejected with inference_timeout'),
});
export type RuntimeConfig = Readonly<z.infer<typeof RuntimeConfig>>;

/**
 * The settings of the environment, below those that are `given`.
 * @throws UndertoneError `bad_setting` (exit code 2) that names the setting and its variable, whichever way the value came
 */
export function readRuntimeConfig(
  env: Environment = process.env,
  given: { readonly [K in keyof RuntimeConfig]?: RuntimeConfig[K] | undefined } = {},
): RuntimeConfig {
  return readSettings(RuntimeConfig, env, given);
}

/** Nobody waits for the results of a recording: a slow or busy machine gets its time, and no input is given up. */
const RecordingConfig = RuntimeConfig.extend({
  deadlineMs: RuntimeConfig.shape.deadlineMs.unwrap().default(60_000),
  loadDeadlineMs: RuntimeConfig.shape.loadDeadlineMs.unwrap().default(600_000),
  maxWaitMs: RuntimeConfig.shape.maxWaitMs.unwrap().default(600_000),
});

/**
 * {@link readRuntimeConfig} for recordings, whose deadlines are 60 s for a batch and ten minutes for the wait before it
 * and for the start of a process, where nothing is set.
 */
export function readRecordingConfig(
  env: Environment = process.env,
  given: { readonly [K in keyof RuntimeConfig]?: RuntimeConfig[K] | undefined } = {},
): RuntimeConfig {
  return readSettings(RecordingConfig, env, given);
}

/** Inference processes on the CPU when nothing is set: one per core that this process may use. */
export function defaultWorkers(): number {
  return availableParallelism();
}
