import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { BatchEvent, RuntimeStats, WorkerEvent } from '../models/runtime/runtime-events.ts';
import { CLOSE } from '../pipeline/protocol/index.ts';
import type { ServerMessage, SessionTotals } from '../pipeline/protocol/index.ts';
import type { SendTimes } from './sessions/outbox.ts';

const SIZE_BUCKETS = [1, 2, 4, 8, 16, 32, 64];
const STAGE_BUCKETS_S = [
  1e-5, 2.5e-5, 1e-4, 2.5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
const LATENCY_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30];

/** What happens to inference processes, as `undertone_worker_events_total` has it. */
const WORKER_EVENTS = ['worker_started', 'provider_fallback', 'inference_crashed', 'inference_timeout'];
/** Why connections are refused at the door. */
const REFUSALS = ['origin', 'address_limit', 'connection_limit'] as const;

/** Gauges that are read when somebody asks. */
export interface GaugeSources {
  readonly sessions: () => { attached: number; detached: number };
  readonly connections: () => number;
  readonly observers: () => number;
  /** Undefined for a model without inference processes. */
  readonly runtime: () => RuntimeStats | undefined;
  /** True while no inference process of the second bundle can run. */
  readonly shadowStalled: () => boolean;
}

export type ServerMetrics = ReturnType<typeof createMetrics>;

/** The Prometheus metrics of one server, in a registry of their own; times in seconds as Prometheus wants them. */
export function createMetrics(sources: GaugeSources) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: L[], collect: (this: Gauge<L>) => void) =>
    new Gauge({ name, help, labelNames, registers, collect });
  const sessionsHelp = 'Open sessions: attached to a connection, or detached and waiting for a resume';
  gauge('undertone_sessions', sessionsHelp, ['state'], function () {
    const { attached, detached } = sources.sessions();
    this.set({ state: 'attached' }, attached);
    this.set({ state: 'detached' }, detached);
  });
  gauge('undertone_connections', 'Open streaming connections, observers included', [], function () {
    this.set(sources.connections());
  });
  gauge('undertone_observers', 'Connections that observe a session', [], function () {
    this.set(sources.observers());
  });
  gauge('undertone_queued_inputs', 'Inputs that wait for an inference process', ['lane'], function () {
    for (const { lane, queued } of sources.runtime()?.lanes ?? []) this.set({ lane }, queued);
  });
  const workersHelp = 'Inference processes by execution provider and state';
  gauge('undertone_workers', workersHelp, ['provider', 'state'], function () {
    this.reset();
    for (const { provider, state } of sources.runtime()?.workers ?? []) this.inc({ provider, state });
  });
  const shadowHelp = '1 while no inference process of the shadow bundle can run, else 0';
  gauge('undertone_shadow_failed', shadowHelp, [], function () {
    this.set(Number(sources.shadowStalled()));
  });

  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const opened = counter('undertone_sessions_opened_total', 'Sessions opened', 'transport');
  const resumed = counter('undertone_sessions_resumed_total', 'Sessions resumed by their client');
  const closed = counter('undertone_sessions_closed_total', 'Sessions ended, by close code', 'code');
  const refused = counter('undertone_connections_refused_total', 'Connections refused at the door', 'reason');
  const frames = counter('undertone_frames_total', 'Frames by outcome: encoded, or why not', 'outcome');
  const received = counter('undertone_frames_received_total', 'Frames received');
  const captions = counter('undertone_captions_total', 'Captions received');
  const results = counter('undertone_results_total', 'Results by state', 'state');
  const revisions = counter('undertone_revisions_total', 'Results that replaced an earlier one');
  const problems = counter('undertone_problems_total', 'Warnings and errors sent, by code', 'type', 'code');
  const coalesced = counter('undertone_coalesced_total', 'Messages replaced by newer ones for slow clients');
  const latency = new Histogram({
    name: 'undertone_result_latency_seconds',
    help: 'Parts of the time from the newest input of a window to its result',
    labelNames: ['part'],
    buckets: LATENCY_BUCKETS_S,
    registers,
  });

  const shadowResults = counter(
    'undertone_shadow_results_total',
    'Results compared with the shadow bundle, by what was virtual and whether the label is the same',
    'pattern',
    'same_label',
  );
  const shadowDifference = new Histogram({
    name: 'undertone_shadow_score_difference',
    help: 'Absolute difference of the scores of a session and of its shadow',
    labelNames: ['pattern'],
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 4],
    registers,
  });
  const batchSize = new Histogram({
    name: 'undertone_batch_size',
    help: 'Inputs in one batch',
    labelNames: ['lane'],
    buckets: SIZE_BUCKETS,
    registers,
  });
  const stageTime = new Histogram({
    name: 'undertone_stage_seconds',
    help: 'Time in a stage (decode, encode, heads: of a batch; send: of a message): waiting in its queue, and computing',
    labelNames: ['stage', 'lane', 'part'],
    buckets: STAGE_BUCKETS_S,
    registers,
  });
  const stage = (name: string, lane: string, part: 'queue' | 'compute', ms: number): void =>
    stageTime.observe({ stage: name, lane, part }, ms / 1000);
  const batchesFailed = counter('undertone_batches_failed_total', 'Batches that failed', 'lane');
  const workerEvents = counter(
    'undertone_worker_events_total',
    'Inference processes started, ended (by code), or fallen back to the processor',
    'event',
  );
  // Prometheus counts from the first value that it sees: what is rare is there before it happens.
  for (const event of WORKER_EVENTS) workerEvents.inc({ event }, 0);
  for (const code of Object.values(CLOSE)) closed.inc({ code: String(code) }, 0);
  for (const reason of REFUSALS) refused.inc({ reason }, 0);
  return {
    registry,
    /** Counts a finished batch of the model. */
    batch({ kind, lane, size, queueMs, computeMs, decodeMs, ok }: BatchEvent): void {
      batchSize.observe({ lane }, size);
      const name = kind === 'heads' ? 'heads' : 'encode';
      stage(name, lane, 'queue', queueMs);
      stage(name, lane, 'compute', computeMs - decodeMs);
      if (kind === 'image') stage('decode', lane, 'compute', decodeMs);
      batchesFailed.inc({ lane }, Number(!ok));
    },
    workerEvent: (event: WorkerEvent) =>
      workerEvents.inc({ event: event.type === 'worker_ended' ? event.code : event.type }),
    shadowCompared(pattern: string, difference: number, sameLabel: boolean): void {
      // Both from the first on: the share of the same label is 0 and not unknown while there is none.
      for (const same of [true, false])
        shadowResults.inc({ pattern, same_label: String(same) }, Number(same === sameLabel));
      shadowDifference.observe({ pattern }, difference);
    },
    sessionOpened: (transport: string) => opened.inc({ transport }),
    sessionResumed: () => resumed.inc(),
    sessionClosed: (code: number) => closed.inc({ code: String(code) }),
    connectionRefused: (reason: (typeof REFUSALS)[number]) => refused.inc({ reason }),
    messageCoalesced: () => coalesced.inc(),
    /** Counts a message that left for a client. */
    sent(transport: string, { queueMs, sendMs }: SendTimes): void {
      stage('send', transport, 'queue', queueMs);
      stage('send', transport, 'compute', sendMs);
    },
    /** Counts what a session sends. */
    message(message: ServerMessage): void {
      if (message.type === 'sentiment.result') {
        results.inc({ state: message.state });
        for (const part of ['queue', 'encode', 'predict', 'total'] as const)
          latency.observe({ part }, message.latency_ms[part] / 1000);
      }
      if (message.type === 'sentiment.revised') revisions.inc();
      if (message.type === 'warning' || message.type === 'error')
        problems.inc({ type: message.type, code: message.code });
    },
    /** Counts what a session took in since its totals were last counted. */
    totals(before: SessionTotals | undefined, now: SessionTotals): void {
      received.inc(now.frames.received - (before?.frames.received ?? 0));
      captions.inc(now.captions - (before?.captions ?? 0));
      frames.inc({ outcome: 'encoded' }, now.frames.encoded - (before?.frames.encoded ?? 0));
      for (const [outcome, n] of Object.entries(now.frames.dropped))
        frames.inc({ outcome }, n - (before?.frames.dropped[outcome] ?? 0));
    },
  };
}
