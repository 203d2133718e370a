import type { Clock } from '../../pipeline/frames.ts';

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until `advance`; timers fire in order of due time, then of scheduling. */
export interface VirtualClock extends Clock {
  /** Moves time on, firing what falls due and letting promises settle after each timer. */
  advance(ms: number): Promise<void>;
  /** Timers that wait; 0 after everything was closed. */
  pending(): number;
}

/** Lets every promise chain that needs no timer run to its end. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function virtualClock(startMs = 0): VirtualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;
  let order = 0;

  const nextDue = (untilMs: number): Timer | undefined => {
    let best: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs > untilMs) continue;
      if (!best || timer.dueMs < best.dueMs || (timer.dueMs === best.dueMs && timer.order < best.order)) best = timer;
    }
    return best;
  };

  return {
    now: () => nowMs,
    schedule(delayMs, callback) {
      const timer: Timer = { dueMs: nowMs + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = nextDue(untilMs); timer; timer = nextDue(untilMs)) {
        timers.delete(timer);
        nowMs = timer.dueMs;
        timer.callback();
        await settle();
      }
      nowMs = untilMs;
    },
    pending: () => timers.size,
  };
}
