/** How long and how often things are measured; times in milliseconds. */
export interface BenchPlan {
  /** Batch sizes of the raw encoder. */
  readonly batchSizes: readonly number[];
  /** Time of every raw number in a round. Rounds run before and after the session trials; medians count. */
  readonly rawMs: number;
  readonly rawRounds: number;
  /** Streaming before the first trial: a process that has just started still compiles its hot code. */
  readonly settleMs: number;
  /** A trial: streaming before it counts, and the window that counts. */
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** The most trials that search for the largest number of sessions, and the longer window that confirms it. */
  readonly trials: number;
  readonly confirmMs: number;
  readonly maxSessions: number;
  /** What a number of sessions must hold to count. */
  readonly maxP95Ms: number;
  readonly maxDropShare: number;
  /** Batch sizes of encoders and heads on each execution provider. */
  readonly providerBatchSizes: readonly number[];
  /** At twice the sessions. Messages are kept for half a minute, so memory can level off only after that. */
  readonly overload: { readonly warmUpMs: number; readonly windowMs: number };
  /** The long trial: sessions, streaming before it counts, and the window. */
  readonly soak: { readonly sessions: number; readonly warmUpMs: number; readonly windowMs: number };
}

export const FULL_PLAN: BenchPlan = {
  batchSizes: [1, 4, 8, 16],
  rawMs: 400,
  rawRounds: 3,
  settleMs: 40_000,
  warmUpMs: 1500,
  windowMs: 5000,
  trials: 12,
  confirmMs: 8000,
  maxSessions: 2000,
  maxP95Ms: 150,
  maxDropShare: 0.01,
  providerBatchSizes: [1, 4, 16, 64, 256],
  overload: { warmUpMs: 300_000, windowMs: 180_000 },
  soak: { sessions: 50, warmUpMs: 10_000, windowMs: 72_000 },
};

export const QUICK_PLAN: BenchPlan = {
  ...FULL_PLAN,
  rawMs: 150,
  rawRounds: 2,
  settleMs: 4000,
  warmUpMs: 800,
  windowMs: 1500,
  trials: 8,
  confirmMs: 2500,
  providerBatchSizes: [1, 16],
  overload: { warmUpMs: 800, windowMs: 3000 },
  soak: { sessions: 10, warmUpMs: 1000, windowMs: 4000 },
};

/** Frames a second that every session sends. */
export const FRAMES_PER_S = 4;
