import { answerQuestions, childOptions } from './answer.ts';
import { drawMaterial } from './load-frames.ts';
import { LoadSession } from './load-session.ts';
import { percentile } from './numbers.ts';
import { pause } from './pause.ts';

/** What the clients saw of the frames that they sent in a window. */
export interface LoadWindow {
  readonly wallMs: number;
  readonly sent: number;
  readonly answered: number;
  readonly results: number;
  /** Results a second of the session that got the fewest. */
  readonly leastResultsPerS: number;
  /** Nearest rank; a frame that no result has seen counts with the time until it was given up. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  /** From a frame's sending to the first result that is as late as it, whether that result saw it or not. */
  readonly resultMs: LoadWindow['latencyMs'];
  /** Share of its core that the load generator took. */
  readonly generatorShare: number;
}

/** Of whole sessions, warm-up and all: the clients' count and the server's, added up. */
export interface LoadTotals {
  readonly sessions: number;
  /** Sessions that the server refused, ended, or did not close in time. */
  readonly lost: number;
  readonly sent: number;
  readonly received: number;
  readonly encoded: number;
  readonly inFlight: number;
  /** Captions sent, and those that the server took. */
  readonly captionsSent: number;
  readonly captionsTaken: number;
  /** By the server's reasons; `decimated` are those that the pipeline leaves out on purpose. */
  readonly dropped: Readonly<Record<string, number>>;
}

const OPEN_AT_ONCE = 50;
/** Time for the frames at the end of a window to be answered. */
const GRACE_MS = 400;
const CLOSE_MS = 4000;

const { imageSize } = childOptions() as { imageSize: number };
const material = await drawMaterial(imageSize);
let sessions: LoadSession[] = [];
let latencies: number[] = [];
let reached: number[] = [];
let resultsBefore: number[] = [];
let markMs = Infinity;
let endMs = Infinity;
let sentBefore = 0;
let cpuBefore = process.cpuUsage();

answerQuestions({ open, start, mark, collect, close });

async function open({ url, count }: { url: string; count: number }): Promise<void> {
  const into =
    (list: () => number[]) =>
    (sentMs: number, latencyMs: number): void => {
      if (sentMs >= markMs && sentMs < endMs) list().push(latencyMs);
    };
  const on = { seen: into(() => latencies), reached: into(() => reached) };
  sessions = [];
  for (let first = 0; first < count; first += OPEN_AT_ONCE) {
    const some = Array.from(
      { length: Math.min(OPEN_AT_ONCE, count - first) },
      (_, i) => new LoadSession(url, first + i, material, on),
    );
    sessions.push(...some);
    await Promise.all(some.map((session) => session.open()));
  }
}

function start(): void {
  for (const session of sessions) if (!session.lost) session.start();
}

/** The window begins. */
function mark(): void {
  latencies = [];
  reached = [];
  resultsBefore = sessions.map((session) => session.results);
  sentBefore = sentNow();
  cpuBefore = process.cpuUsage();
  endMs = Infinity;
  markMs = performance.now();
}

/** The window ends. */
async function collect(): Promise<LoadWindow> {
  endMs = performance.now();
  const wallMs = endMs - markMs;
  const sent = sentNow() - sentBefore;
  const seen = sessions.map((session, i) => session.results - (resultsBefore[i] ?? 0));
  const { user, system } = process.cpuUsage(cpuBefore);
  await pause(GRACE_MS);
  const answered = latencies.length;
  // What never came counts with the time until now.
  const nowMs = performance.now();
  const since = (frames: LoadSession['unanswered']): number[] =>
    frames.flatMap(({ sentMs }) => (sentMs >= markMs && sentMs < endMs ? [nowMs - sentMs] : []));
  for (const { unanswered, unreached } of sessions) {
    latencies.push(...since(unanswered));
    reached.push(...since(unreached));
  }
  const at = (share: number): number => percentile(latencies, share);
  return {
    wallMs,
    sent,
    answered,
    results: sum(seen),
    leastResultsPerS: (1000 * Math.min(...seen)) / wallMs,
    latencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    resultMs: { p50: percentile(reached, 0.5), p95: percentile(reached, 0.95), p99: percentile(reached, 0.99) },
    generatorShare: (user + system) / 1000 / wallMs,
  };
}

async function close(): Promise<LoadTotals> {
  await Promise.all(sessions.map((session) => session.close(CLOSE_MS)));
  const totals = sessions.flatMap((session) => session.totals ?? []);
  const dropped: Record<string, number> = {};
  for (const { frames } of totals)
    for (const [reason, count] of Object.entries(frames.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  return {
    sessions: sessions.length,
    lost: sessions.length - totals.length,
    sent: sentNow(),
    received: sum(totals.map(({ frames }) => frames.received)),
    encoded: sum(totals.map(({ frames }) => frames.encoded)),
    inFlight: sum(totals.map(({ frames }) => frames.in_flight)),
    captionsSent: sum(sessions.map((session) => session.captions)),
    captionsTaken: sum(totals.map(({ captions }) => captions)),
    dropped,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function sentNow(): number {
  return sum(sessions.map((session) => session.sent));
}
