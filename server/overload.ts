import type { BatchEvent, RuntimeStats } from '../models/runtime/runtime-events.ts';

const INTERVAL_MS = 2000;

/** True while no inference process has been able to run a batch for a while: all are gone, or fail to start. */
export function isStalled(stats: RuntimeStats | undefined): boolean {
  return stats !== undefined && stats.workers.every(({ awayMs }) => awayMs > INTERVAL_MS);
}

/**
 * Tells a queue that stands from one that bursts: overloaded while, in an interval with batches, even the one that waited
 * least waited longer than `queueMs`, until an interval without such waiting, or without batches, has passed.
 */
export class OverloadMonitor {
  readonly #queueMs: number;
  readonly #now: () => number;
  readonly #leastMs = new Map<BatchEvent['kind'], number>();
  #startedMs: number;
  #overloaded = false;

  /** `now` gives monotonic milliseconds. */
  constructor(queueMs: number, now: () => number) {
    this.#queueMs = queueMs;
    this.#now = now;
    this.#startedMs = now();
  }

  batch({ kind, queueMs }: BatchEvent): void {
    this.#turn();
    this.#leastMs.set(kind, Math.min(queueMs, this.#leastMs.get(kind) ?? Infinity));
  }

  overloaded(): boolean {
    this.#turn();
    return this.#overloaded;
  }

  #turn(): void {
    const nowMs = this.#now();
    if (nowMs - this.#startedMs < INTERVAL_MS) return;
    const silent = nowMs - this.#startedMs > 2 * INTERVAL_MS;
    this.#overloaded = !silent && [...this.#leastMs.values()].some((leastMs) => leastMs > this.#queueMs);
    this.#leastMs.clear();
    this.#startedMs = nowMs;
  }
}
