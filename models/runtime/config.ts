import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { DEFAULT_BUNDLE } from '../bundle/artifacts.ts';
import { EXIT, UndertoneError } from '../errors.ts';

/** Where inference runs; `auto` takes the fastest that a timed probe finds. */
export const ProviderChoice = z.enum(['auto', 'cpu', 'webgpu', 'cuda']);
export type ProviderChoice = z.infer<typeof ProviderChoice>;

export interface RuntimeConfig {
  readonly bundle: string;
  readonly provider: ProviderChoice;
  /** 0: one per core, or one on a GPU. */
  readonly workers: number;
  readonly deadlineMs: number;
  readonly loadDeadlineMs: number;
  readonly maxBatch: number;
  readonly batchTargetMs: number;
  readonly maxQueue: number;
  readonly maxWaitMs: number;
}

interface Setting<T> {
  readonly name: string;
  readonly fallback: T;
  readonly schema: z.ZodType<T>;
  readonly text: string;
}

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** One environment variable per setting. */
export const RUNTIME_SETTINGS: { readonly [K in keyof RuntimeConfig]: Setting<RuntimeConfig[K]> } = {
  bundle: {
    name: 'UNDERTONE_BUNDLE',
    fallback: DEFAULT_BUNDLE,
    schema: z.string(),
    text: 'bundle: name, name@version or folder',
  },
  provider: {
    name: 'UNDERTONE_PROVIDER',
    fallback: 'auto',
    schema: ProviderChoice,
    text: 'execution provider: cpu, webgpu, cuda; auto takes the fastest that a timed probe finds',
  },
  workers: {
    name: 'UNDERTONE_WORKERS',
    fallback: 0,
    schema: whole(0, 512),
    text: 'inference processes; 0 is one per core, or one on a GPU',
  },
  deadlineMs: {
    name: 'UNDERTONE_DEADLINE_MS',
    fallback: 1000,
    schema: whole(10, 600_000),
    text: 'longest that a batch may take before its process is killed and replaced',
  },
  loadDeadlineMs: {
    name: 'UNDERTONE_LOAD_DEADLINE_MS',
    fallback: 60_000,
    schema: whole(100, 600_000),
    text: 'longest that an inference process may take to start',
  },
  maxBatch: {
    name: 'UNDERTONE_MAX_BATCH',
    fallback: 64,
    schema: whole(1, 1024),
    text: 'most inputs in one batch',
  },
  batchTargetMs: {
    name: 'UNDERTONE_BATCH_TARGET_MS',
    fallback: 25,
    schema: whole(1, 60_000),
    text: 'batches are cut so that they take about this long: what a more urgent input may have to wait',
  },
  maxQueue: {
    name: 'UNDERTONE_MAX_QUEUE',
    fallback: 1024,
    schema: whole(1, 1_000_000),
    text: 'most waiting inputs of one kind; further ones are rejected with inference_overloaded',
  },
  maxWaitMs: {
    name: 'UNDERTONE_MAX_WAIT_MS',
    fallback: 10_000,
    schema: whole(10, 600_000),
    text: 'longest wait for a free process before an input is rejected with inference_timeout',
  },
};

/** @throws UndertoneError `bad_setting` (exit code 2) that names the variable */
export function readRuntimeConfig(env: Readonly<Record<string, string | undefined>> = process.env): RuntimeConfig {
  const entries = Object.entries(RUNTIME_SETTINGS).map(([key, { name, fallback, schema }]) => {
    const given = env[name];
    if (given === undefined || given === '') return [key, fallback] as const;
    const parsed = schema.safeParse(given);
    if (parsed.success) return [key, parsed.data] as const;
    const why = parsed.error.issues[0]?.message ?? 'not valid';
    throw new UndertoneError('bad_setting', `${name}=${given}: ${why}`, { exitCode: EXIT.usage });
  });
  return Object.fromEntries(entries) as unknown as RuntimeConfig;
}

/** Inference processes on the CPU when nothing is set: one per core that this process may use. */
export function defaultWorkers(): number {
  return availableParallelism();
}
