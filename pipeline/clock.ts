import type { Clock } from './frames.ts';

/** What setTimeout takes; it fires at once for more. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Monotonic wall time of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule(delayMs, callback) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const partMs = Math.min(leftMs, LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : callback()), partMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};
