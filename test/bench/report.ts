import type { TrainingBench } from './engine.ts';
import type { Machine } from './machine.ts';
import type { LoadTotals, LoadWindow } from './load-entry.ts';
import type { LiveHeap, SessionsMeasure, Trial } from './measure-sessions.ts';
import type { ProviderMeasure } from './providers.ts';
import type { RuntimeBench } from './runtime.ts';
import type { Slope } from './slope.ts';

/** What `bench` measured; parts that were not asked for are absent. */
export interface BenchReport {
  readonly format: 1;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly bundle: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly raw?: RawReport;
  readonly sessions?: SessionsReport;
  /** The same server with twice the sessions that it holds. */
  readonly overload?: OverloadReport;
  readonly straightforward?: SessionsReport;
  /** The server with a CLIP ViT-B/32-sized int8 encoder of random weights. */
  readonly vit?: { readonly raw: RawReport; readonly sessions: SessionsReport };
  /** Many sessions for a long time. */
  readonly soak?: SoakReport;
  /** Sessions of the server divided by those of the straightforward build. */
  readonly sessionsRatio?: number;
  readonly heads?: HeadsReport;
  readonly pool?: RuntimeBench;
  readonly training?: TrainingBench;
  /** The processor first, then every real GPU. */
  readonly providers?: readonly ProviderMeasure[];
}

/** onnxruntime alone on one thread. */
export interface RawReport {
  /** By batch size. */
  readonly framesPerS: Readonly<Record<string, number>>;
  readonly bestBatch: number;
  readonly bestFramesPerS: number;
}

export interface HeadsReport {
  readonly batch: number;
  /** Both virtual embeddings and the task head, text missing. */
  readonly microsPerWindow: number;
  /** The same with every second frame missing, too. */
  readonly microsWithGaps: number;
  /** By batch size, text missing. */
  readonly microsByBatch: Readonly<Record<string, number>>;
}

export interface SessionsReport {
  /** The largest number that held; 0 when even one did not. The other fields are then of that failed trial. */
  readonly sessions: number;
  readonly latencyMs: LoadWindow['latencyMs'];
  /** In the window. */
  readonly sentPerS: number;
  readonly encodedPerS: number;
  readonly resultsPerS: number;
  /** Divided by the best raw throughput of the same run. */
  readonly sentOfRaw: number;
  readonly encodedOfRaw: number;
  readonly dropShare: number;
  readonly meanBatch: number;
  /** CPU of the server's own process, inference processes left out, per frame sent. */
  readonly serverCpuMsPerFrame: number;
  /** CPU of the inference processes per frame sent; null where the system does not tell. */
  readonly inferenceCpuMsPerFrame: number | null;
  readonly eventLoopDelayP99Ms: number;
  readonly rssBytes: number;
  /** Share of its core that the load generator took: near 1 it was the limit, not the server. */
  readonly generatorShare: number;
  /** Of the whole trial. */
  readonly totals: LoadTotals;
  readonly trials: SessionsMeasure['trials'];
}

export interface OverloadReport {
  readonly sessions: number;
  readonly latencyMs: LoadWindow['latencyMs'];
  readonly resultMs: LoadWindow['resultMs'];
  readonly resultsPerSPerSession: { readonly mean: number; readonly least: number };
  /** Frames a second that were encoded, of those sent. */
  readonly encodedShare: number;
  readonly rss: Slope;
  readonly heap: Slope;
  readonly liveHeap?: LiveHeap;
  /** Of the whole trial. */
  readonly totals: LoadTotals;
}

export function overloadReport({ sessions, window, totals, usage, liveHeap }: Trial): OverloadReport {
  const { wallMs, results, leastResultsPerS, sent } = window;
  return {
    sessions,
    latencyMs: window.latencyMs,
    resultMs: window.resultMs,
    resultsPerSPerSession: { mean: (1000 * results) / wallMs / sessions, least: leastResultsPerS },
    encodedShare: usage.encoded / Math.max(1, sent),
    rss: usage.rss,
    heap: usage.heap,
    ...(liveHeap && { liveHeap }),
    totals,
  };
}

export interface SoakReport {
  readonly sessions: number;
  readonly seconds: number;
  /** Media that went through all sessions together, in hours. */
  readonly mediaHours: number;
  readonly latencyMs: LoadWindow['latencyMs'];
  readonly rss: Slope;
  readonly heap: Slope;
  readonly liveHeap?: LiveHeap;
  readonly totals: LoadTotals;
}

export function soakReport({ sessions, window, totals, usage, liveHeap }: Trial): SoakReport {
  const { rss, heap } = usage;
  const seconds = window.wallMs / 1000;
  return {
    sessions,
    seconds,
    mediaHours: (sessions * seconds) / 3600,
    latencyMs: window.latencyMs,
    rss,
    heap,
    ...(liveHeap && { liveHeap }),
    totals,
  };
}

export function sessionsReport(
  { sessions, confirmed, trials }: SessionsMeasure,
  rawFramesPerS: number,
): SessionsReport {
  const { window, usage, totals, dropShare } = confirmed;
  const seconds = window.wallMs / 1000;
  const encodedPerS = (usage.encoded * 1000) / usage.wallMs;
  return {
    sessions,
    latencyMs: window.latencyMs,
    sentPerS: window.sent / seconds,
    encodedPerS,
    resultsPerS: window.results / seconds,
    sentOfRaw: window.sent / seconds / rawFramesPerS,
    encodedOfRaw: encodedPerS / rawFramesPerS,
    dropShare,
    meanBatch: usage.encoded / Math.max(1, usage.batches),
    serverCpuMsPerFrame: usage.cpuMs / Math.max(1, window.sent),
    inferenceCpuMsPerFrame: usage.inferenceCpuMs === null ? null : usage.inferenceCpuMs / Math.max(1, window.sent),
    eventLoopDelayP99Ms: usage.eventLoopDelayP99Ms,
    rssBytes: usage.rssBytes,
    generatorShare: window.generatorShare,
    totals,
    trials,
  };
}
