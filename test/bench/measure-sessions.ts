import type { BenchChild } from './child.ts';
import type { LoadTotals, LoadWindow } from './load-entry.ts';
import { pause } from './pause.ts';
import type { BenchPlan } from './plan.ts';
import type { Usage, UsageQuestion } from './usage.ts';

/** One number of sessions, tried. */
export interface Trial {
  readonly sessions: number;
  /** Whether it held the plan's limits: latency, drops, and no session lost. */
  readonly ok: boolean;
  readonly window: LoadWindow;
  readonly totals: LoadTotals;
  /** Of the server's own process during the window. */
  readonly usage: Usage;
  /** Heap of that process in bytes, when the window began and when it ended, after a full collection each; where asked for. */
  readonly liveHeap?: LiveHeap;
  /** Frames neither encoded nor decimated, of those sent. */
  readonly dropShare: number;
}

export interface LiveHeap {
  readonly beganBytes: number;
  readonly endedBytes: number;
}

export interface SessionsMeasure {
  /** The largest number that held; 0 when none did. */
  readonly sessions: number;
  /** The trial that confirmed it; the last one when none did. */
  readonly confirmed: Trial;
  readonly trials: readonly { sessions: number; ok: boolean; p95Ms: number; dropShare: number }[];
}

/** The confirming trial is longer; when it does not hold, a few sessions fewer are tried, so often. */
const CONFIRMATIONS = 4;
const STEP_DOWN = 0.94;
/** The search ends when it knows the answer to a share of this. */
const EXACT = 0.04;

/**
 * Finds how many sessions a server holds: bisection below `most`, doubling first where that is quicker, then one longer
 * trial that counts.
 */
export async function measureSessions(
  server: BenchChild,
  load: BenchChild,
  plan: BenchPlan,
  range: { readonly url: string; readonly first: number; readonly most: number },
  note: (text: string) => void,
): Promise<SessionsMeasure> {
  const trials: SessionsMeasure['trials'][number][] = [];
  const tryOut = async (sessions: number, windowMs: number): Promise<Trial> => {
    const trial = await runTrial(server, load, plan, range.url, sessions, windowMs);
    const p95Ms = trial.window.latencyMs.p95;
    trials.push({ sessions, ok: trial.ok, p95Ms, dropShare: trial.dropShare });
    note(
      `  ${sessions} sessions: p95 ${p95Ms.toFixed(0)} ms, ${(100 * trial.dropShare).toFixed(1)} % dropped${trial.ok ? '' : ', too many'}`,
    );
    return trial;
  };

  const most = Math.max(1, Math.min(range.most, plan.maxSessions));
  let holds = 0;
  let fails = most + 1;
  let next = Math.max(1, Math.min(range.first, most));
  for (let i = 0; i < plan.trials && fails - holds > Math.max(1, EXACT * holds); i++) {
    if ((await tryOut(next, plan.windowMs)).ok) holds = next;
    else fails = next;
    next = holds === 0 ? Math.max(1, fails >> 1) : Math.min(2 * holds, (holds + fails) >> 1);
  }
  let confirmed: Trial;
  let sessions = Math.max(1, holds);
  for (let i = 0; ; i++) {
    confirmed = await tryOut(sessions, plan.confirmMs);
    if (confirmed.ok || sessions === 1 || i === CONFIRMATIONS) break;
    sessions = Math.max(1, Math.floor(sessions * STEP_DOWN));
  }
  return { sessions: confirmed.ok ? sessions : 0, confirmed, trials };
}

/** Opens sessions, lets them stream for a window, and closes them; with `collect`, says how the live heap grew. */
export async function runTrial(
  server: BenchChild,
  load: BenchChild,
  plan: BenchPlan,
  url: string,
  sessions: number,
  windowMs: number,
  { collect = false }: UsageQuestion = {},
): Promise<Trial> {
  await server.ask('quiet');
  await load.ask('open', { url, count: sessions }, 60_000);
  await load.ask('start');
  await pause(plan.warmUpMs);
  const { liveHeapBytes: beganBytes } = await server.ask<Usage>('usage', { collect });
  await load.ask('mark');
  await pause(windowMs);
  const [window, usage] = await Promise.all([load.ask<LoadWindow>('collect'), server.ask<Usage>('usage', { collect })]);
  const totals = await load.ask<LoadTotals>('close');
  const { decimated = 0 } = totals.dropped;
  const dropShare = Math.max(0, totals.sent - totals.encoded - decimated) / Math.max(1, totals.sent);
  const ok = totals.lost === 0 && dropShare < plan.maxDropShare && window.latencyMs.p95 <= plan.maxP95Ms;
  const { liveHeapBytes: endedBytes } = usage;
  const liveHeap = beganBytes === undefined || endedBytes === undefined ? {} : { liveHeap: { beganBytes, endedBytes } };
  return { sessions, ok, window, totals, usage, dropShare, ...liveHeap };
}
