import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { childrenCpuMs } from './children-cpu.ts';
import { type Slope, slopeOf } from './slope.ts';

/** What a server process has used and done since the last time it was asked. */
export interface Usage {
  readonly cpuMs: number;
  /** CPU of its inference processes; null where the system does not tell. */
  readonly inferenceCpuMs: number | null;
  readonly wallMs: number;
  readonly eventLoopDelayP99Ms: number;
  /** Frames encoded, and batches that they came in. */
  readonly encoded: number;
  readonly batches: number;
  /** Resident memory, in bytes. */
  readonly rssBytes: number;
  /** How resident memory and heap changed since, sampled several times a second. */
  readonly rss: Slope;
  readonly heap: Slope;
  /** Heap in bytes after a full collection, where one was asked for. */
  readonly liveHeapBytes?: number;
}

const RESOLUTION_MS = 10;
const SAMPLE_MS = 250;

/** What the meter is asked. */
export interface UsageQuestion {
  /** Runs the collector first, which stops the process for a moment. */
  readonly collect?: boolean;
}

/** Meters this process; `work` tells frames and batches since the start. */
export function usageMeter(
  work: () => Promise<{ encoded: number; batches: number }>,
): (question: UsageQuestion | null) => Promise<Usage> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  let cpu = process.cpuUsage();
  let children = childrenCpuMs();
  let sinceMs = performance.now();
  let before = { encoded: 0, batches: 0 };
  let samples: { readonly s: number; readonly rss: number; readonly heap: number }[] = [];
  setInterval(() => {
    const { rss, heapUsed } = process.memoryUsage();
    samples.push({ s: performance.now() / 1000, rss, heap: heapUsed });
  }, SAMPLE_MS).unref();
  return async (question) => {
    const liveHeapBytes = question?.collect === true ? { liveHeapBytes: liveHeap() } : {};
    const { user, system } = process.cpuUsage(cpu);
    const nowMs = performance.now();
    const eventLoopDelayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    const childrenNow = childrenCpuMs();
    const done = await work();
    const usage = {
      cpuMs: (user + system) / 1000,
      inferenceCpuMs: childrenNow === null ? null : childrenNow - (children ?? 0),
      wallMs: nowMs - sinceMs,
      eventLoopDelayP99Ms,
      encoded: done.encoded - before.encoded,
      batches: done.batches - before.batches,
      rssBytes: process.memoryUsage.rss(),
      rss: slopeOf(samples.map(({ s, rss }) => [s, rss])),
      heap: slopeOf(samples.map(({ s, heap }) => [s, heap])),
      ...liveHeapBytes,
    };
    delay.reset();
    cpu = process.cpuUsage();
    children = childrenNow;
    sinceMs = nowMs;
    before = done;
    samples = [];
    return usage;
  };
}

/** V8 lets a process run its collector only with a flag, and new contexts see one that is set late. */
function liveHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}
