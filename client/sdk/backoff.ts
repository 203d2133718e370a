export interface BackoffOptions {
  /** Longest wait before the first retry. */
  readonly baseMs: number;
  /** Longest wait before any retry. */
  readonly maxMs: number;
  /** Tries in a row before the client gives up; Infinity never does. */
  readonly attempts: number;
  /** The same while no connection has ever opened: most likely the address is wrong. */
  readonly firstAttempts: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export const BACKOFF: BackoffOptions = {
  baseMs: 500,
  maxMs: 10_000,
  attempts: Infinity,
  firstAttempts: 10,
  random: Math.random,
};

/**
 * Wait before retry `attempt` (from 1): exponential, with the upper half random so that clients of a restarted
 * server do not all come back at once.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceilingMs * (0.5 + 0.5 * options.random()));
}
