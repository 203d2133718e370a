import { openReportFile } from '../../cli/report-file.ts';
import { DEFAULT_BUNDLE } from '../../models/bundle/artifacts.ts';
import { findBundle } from '../../models/bundle/find-bundle.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { EXIT, UndertoneError } from '../../models/errors.ts';
import type { Bundle } from '../../models/bundle/bundle.ts';
import { type BenchChild, startChild } from './child.ts';
import { formatReport } from './format-report.ts';
import { type Machine, describeMachine } from './machine.ts';
import { measureSessions, runTrial } from './measure-sessions.ts';
import { median } from './numbers.ts';
import { type BenchPlan, FRAMES_PER_S, FULL_PLAN, QUICK_PLAN } from './plan.ts';
import {
  type BenchReport,
  type RawReport,
  type SessionsReport,
  type SoakReport,
  overloadReport,
  sessionsReport,
  soakReport,
} from './report.ts';
import { withVitBundle } from './vit-bundle.ts';
import { measureProviders } from './providers.ts';
import { measureRuntime } from './runtime.ts';

/** Parts of the benchmark in the order in which they run; `sessions` and `straightforward` need `raw`, `overload` needs `sessions`. */
export const BENCH_PARTS = [
  'raw',
  'sessions',
  'overload',
  'straightforward',
  'vit',
  'soak',
  'heads',
  'pool',
  'training',
  'providers',
] as const;
export type BenchPart = (typeof BENCH_PARTS)[number];

export interface BenchOptions {
  /** File that the report is written to. */
  readonly json?: string;
  /** Less than two minutes, less exact. */
  readonly quick?: boolean;
  /** Name, name@version or folder; the bundle that comes with Undertone when absent. */
  readonly bundle?: string;
  /** Parts to run; all when absent. */
  readonly only?: readonly string[];
  /** Replaces single values of the plan. */
  readonly plan?: Partial<BenchPlan>;
  /** Where the table goes, and a line now and then; stdout and stderr when absent. */
  readonly print?: (text: string) => void;
  readonly note?: (text: string) => void;
}

const HEADS_BATCH = 32;
const HEADS_BATCHES = [1, 4, 16, HEADS_BATCH, 64, 128, 256] as const;
/** A large encoder gains little from batches, and a large batch makes everybody wait. */
const VIT_BATCHES = [1, 2, 4] as const;
/** First guess of what share of the raw throughput holds as sessions. */
const FIRST_GUESS = { server: 0.4, straightforward: 0.1 };
/** How much more than it holds the server gets. */
const OVERLOAD = 2;

/**
 * Measures on this machine, prints a table, and writes JSON where asked. Everything is a ratio to a baseline of the same
 * run: onnxruntime alone, and the straightforward build. Whatever is measured runs in a process of its own on one core,
 * the load generator on another one.
 *
 * @throws UndertoneError `bad_setting` (exit code 2) for an unknown part; `bundle_*`; `out_unwritable`
 */
export async function bench(options: BenchOptions = {}): Promise<BenchReport> {
  const {
    quick = false,
    print = (text) => process.stdout.write(`${text}\n`),
    note = (text) => process.stderr.write(`${text}\n`),
  } = options;
  const parts = partsOf(options.only ?? BENCH_PARTS);
  const plan = { ...(quick ? QUICK_PLAN : FULL_PLAN), ...options.plan };
  const startedMs = performance.now();
  const startedAt = new Date().toISOString();
  const bundle = await readBundle(findBundle(options.bundle ?? DEFAULT_BUNDLE));
  const write = options.json === undefined ? undefined : await openReportFile(options.json);
  const { name, version } = bundle.manifest;
  const machine = describeMachine();
  const measured = await measure({ parts, plan, bundle, machine, note });
  const report: BenchReport = {
    format: 1,
    startedAt,
    durationMs: performance.now() - startedMs,
    quick,
    machine,
    bundle: { name, version, sha256: bundle.sha256 },
    ...measured,
  };
  print(formatReport(report));
  await write?.(report);
  return report;
}

interface Setting {
  readonly parts: ReadonlySet<BenchPart>;
  readonly plan: BenchPlan;
  readonly bundle: Bundle;
  readonly machine: Machine;
  readonly note: (text: string) => void;
}

type Measured = Omit<BenchReport, 'format' | 'startedAt' | 'durationMs' | 'quick' | 'machine' | 'bundle'>;

async function measure(setting: Setting): Promise<Measured> {
  const { parts, plan, bundle, machine, note } = setting;
  const found: { -readonly [K in keyof Measured]: Measured[K] } = {};
  const alone = startChild('raw-entry', machine.serverCore, { dir: bundle.dir });
  try {
    if (parts.has('raw')) {
      const rounds = await rawRounds(alone, plan, note);
      const before = rawReport(rounds);
      if (parts.has('sessions')) Object.assign(found, await tryServer(setting, before, parts.has('overload')));
      if (parts.has('straightforward'))
        found.straightforward = await onServer(setting, 'straightforward', (peers) => search(setting, peers, before));
      found.raw = rawReport([...rounds, ...(await rawRounds(alone, plan, note))]);
      const change = before.bestFramesPerS / found.raw.bestFramesPerS;
      for (const which of ['sessions', 'straightforward'] as const) {
        const report = found[which];
        if (report !== undefined) found[which] = rescaled(report, change);
      }
      const { sessions, straightforward } = found;
      if (sessions !== undefined && straightforward !== undefined && straightforward.sessions > 0)
        found.sessionsRatio = sessions.sessions / straightforward.sessions;
    }
    if (parts.has('soak')) found.soak = await soak(setting);
    if (parts.has('heads')) {
      note('heads');
      const microsByBatch: Record<string, number> = {};
      for (const batch of HEADS_BATCHES)
        microsByBatch[batch] = await alone.ask<number>('heads', { batch, ms: 2 * plan.rawMs });
      const ask = { batch: HEADS_BATCH, ms: 2 * plan.rawMs, gaps: true };
      found.heads = {
        batch: HEADS_BATCH,
        microsPerWindow: microsByBatch[HEADS_BATCH] ?? Number.NaN,
        microsWithGaps: await alone.ask<number>('heads', ask),
        microsByBatch,
      };
    }
  } finally {
    await alone.stop();
  }
  if (parts.has('vit')) found.vit = await tryVit(setting);
  if (parts.has('pool')) {
    note('inference process with a full queue');
    const times = { measureMs: 2 * plan.rawMs, rounds: plan.rawRounds, batchSizes: plan.batchSizes };
    found.pool = await measureRuntime({ bundle: bundle.dir, ...times });
  }
  if (parts.has('training')) {
    note('training');
    const { measureTraining } = await import('./engine.ts');
    found.training = await measureTraining({ measureMs: 2 * plan.rawMs, rounds: plan.rawRounds });
  }
  if (parts.has('providers')) {
    const { providerBatchSizes: batchSizes, rawMs: ms } = plan;
    const core = machine.serverCore;
    found.providers = await measureProviders({ bundle, core, batchSizes, ms, note });
  }
  return found;
}

/** Latencies and counts stay; shares of the raw throughput follow its median over all rounds. */
function rescaled(report: SessionsReport, change: number): SessionsReport {
  return { ...report, sentOfRaw: report.sentOfRaw * change, encodedOfRaw: report.encodedOfRaw * change };
}

async function rawRounds(
  alone: BenchChild,
  { batchSizes, rawMs: ms, rawRounds: count }: BenchPlan,
  note: (text: string) => void,
): Promise<[number, number][][]> {
  note('onnxruntime alone');
  const rounds: [number, number][][] = [];
  for (let i = 0; i < count; i++) rounds.push(await alone.ask('encoder', { batchSizes, ms }, 120_000));
  return rounds;
}

function rawReport(rounds: readonly (readonly (readonly [number, number])[])[]): RawReport {
  const sizes = rounds[0]?.map(([batch]) => batch) ?? [];
  const rates = sizes.map((size, i) => [size, median(rounds.flatMap((round) => round[i]?.[1] ?? []))] as const);
  const [bestBatch, bestFramesPerS] = rates.reduce((best, rate) => (rate[1] > best[1] ? rate : best), [0, 0] as const);
  return { framesPerS: Object.fromEntries(rates), bestBatch, bestFramesPerS };
}

/** A server and a load generator that run. */
interface Peers {
  readonly which: 'server' | 'straightforward';
  readonly server: BenchChild;
  readonly load: BenchChild;
  readonly url: string;
}

/** Starts a server and a load generator, and ends both when `use` is done. */
async function onServer<T>(
  { plan, bundle, machine, note }: Setting,
  which: Peers['which'],
  use: (peers: Peers) => Promise<T>,
): Promise<T> {
  note(`sessions, ${which}, ${bundle.manifest.name}`);
  const image = bundle.manifest.modalities.find((modality) => modality.kind === 'image');
  const imageSize = image?.kind === 'image' ? image.encoder.preprocessing.size : 0;
  const options = { bundle: bundle.dir, maxSessions: OVERLOAD * plan.maxSessions };
  const server = startChild(`${which}-entry`, machine.serverCore, options);
  const load = startChild('load-entry', machine.loadCore, { imageSize });
  try {
    const { url } = await server.ask<{ url: string }>('ready', null, 120_000);
    server.pin();
    return await use({ which, server, load, url });
  } finally {
    await Promise.all([server.stop(), load.stop()]);
  }
}

/** Lets a server run in, and finds how many sessions it holds. */
async function search(
  { plan, note }: Setting,
  { which, server, load, url }: Peers,
  raw: RawReport,
): Promise<SessionsReport> {
  const most = Math.ceil((1.05 * raw.bestFramesPerS) / FRAMES_PER_S);
  const first = Math.max(1, Math.round(FIRST_GUESS[which] * most));
  note(`  ${first} sessions to settle`);
  await runTrial(server, load, plan, url, first, plan.settleMs);
  return sessionsReport(await measureSessions(server, load, plan, { url, first, most }, note), raw.bestFramesPerS);
}

/** How many sessions the server holds, and what becomes of twice as many. They all open before the first frame. */
async function tryServer(
  setting: Setting,
  raw: RawReport,
  overload: boolean,
): Promise<Pick<Measured, 'sessions' | 'overload'>> {
  return onServer(setting, 'server', async (peers) => {
    const sessions = await search(setting, peers, raw);
    if (!overload) return { sessions };
    const { plan, note } = setting;
    const twice = OVERLOAD * Math.max(1, sessions.sessions);
    note(`  overload: ${twice} sessions`);
    const { warmUpMs, windowMs } = plan.overload;
    const trial = await runTrial(peers.server, peers.load, { ...plan, warmUpMs }, peers.url, twice, windowMs, {
      collect: true,
    });
    return { sessions, overload: overloadReport(trial) };
  });
}

async function soak(setting: Setting): Promise<SoakReport> {
  const { plan, note } = setting;
  const { sessions, warmUpMs, windowMs } = plan.soak;
  return onServer(setting, 'server', async ({ server, load, url }) => {
    note(`  ${sessions} sessions for ${(windowMs / 1000).toFixed(0)} s`);
    return soakReport(await runTrial(server, load, { ...plan, warmUpMs }, url, sessions, windowMs, { collect: true }));
  });
}

/** The server with an encoder of CLIP ViT-B/32's size, beside that encoder alone. */
async function tryVit(setting: Setting): Promise<NonNullable<Measured['vit']>> {
  const { machine, note } = setting;
  note('a ViT-B/32-sized encoder of random weights, int8');
  return withVitBundle('int8', async (bundle) => {
    const plan = { ...setting.plan, batchSizes: VIT_BATCHES, rawMs: 4 * setting.plan.rawMs };
    const own: Setting = { ...setting, plan, bundle };
    const alone = startChild('raw-entry', machine.serverCore, { dir: bundle.dir });
    try {
      const rounds = await rawRounds(alone, plan, note);
      const before = rawReport(rounds);
      const sessions = await onServer(own, 'server', (peers) => search(own, peers, before));
      const raw = rawReport([...rounds, ...(await rawRounds(alone, plan, note))]);
      return { raw, sessions: rescaled(sessions, before.bestFramesPerS / raw.bestFramesPerS) };
    } finally {
      await alone.stop();
    }
  });
}

function partsOf(names: readonly string[]): ReadonlySet<BenchPart> {
  const parts = new Set<BenchPart>();
  for (const name of names) {
    const part = BENCH_PARTS.find((known) => known === name);
    if (part === undefined)
      throw new UndertoneError('bad_setting', `the benchmark has no part ${name}, only ${BENCH_PARTS.join(', ')}`, {
        exitCode: EXIT.usage,
      });
    parts.add(part);
  }
  if (parts.has('overload')) parts.add('sessions');
  if (parts.has('sessions') || parts.has('straightforward')) parts.add('raw');
  return parts;
}
