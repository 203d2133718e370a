import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a server process has used and done since the last time it was asked. */
export interface Usage {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly eventLoopDelayP99Ms: number;
  /** Frames encoded, and batches that they came in. */
  readonly encoded: number;
  readonly batches: number;
  /** Resident memory, in bytes. */
  readonly rssBytes: number;
}

const RESOLUTION_MS = 10;

/** Meters this process; `work` tells frames and batches since the start. */
export function usageMeter(work: () => Promise<{ encoded: number; batches: number }>): () => Promise<Usage> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let cpu = process.cpuUsage();
  let sinceMs = performance.now();
  let before = { encoded: 0, batches: 0 };
  return async () => {
    const { user, system } = process.cpuUsage(cpu);
    const nowMs = performance.now();
    const eventLoopDelayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    const done = await work();
    const usage = {
      cpuMs: (user + system) / 1000,
      wallMs: nowMs - sinceMs,
      eventLoopDelayP99Ms,
      encoded: done.encoded - before.encoded,
      batches: done.batches - before.batches,
      rssBytes: process.memoryUsage.rss(),
    };
    delay.reset();
    cpu = process.cpuUsage();
    sinceMs = nowMs;
    before = done;
    return usage;
  };
}
