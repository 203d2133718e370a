import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { encodeFrame, ServerMessage } from '../../pipeline/protocol/index.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { drawMaterial } from './load-frames.ts';
import type { BenchReport, SessionsReport } from './report.ts';
import { bench } from './run.ts';
import { startStraightforward } from './straightforward.ts';

/** So that the numbers of sessions do not depend on the machine: everything holds, up to a few sessions. */
const EASY = { maxP95Ms: Infinity, maxDropShare: Infinity, maxSessions: 6, trials: 1 };
const SOAK = { sessions: 3, warmUpMs: 300, windowMs: 2500 };
const SHORT = {
  soak: SOAK,
  overload: { warmUpMs: 300, windowMs: 1000 },
  batchSizes: [1, 4],
  rawMs: 30,
  rawRounds: 1,
  settleMs: 300,
  providerBatchSizes: [1, 2],
  warmUpMs: 600,
  windowMs: 500,
  confirmMs: 1000,
};

describe('bench', () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-bench-'));
  const json = join(folder, 'report.json');
  const printed: string[] = [];
  let report: BenchReport;
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    const { dir } = await writeTinyBundle({ imageSize: 32 });
    report = await bench({
      quick: true,
      bundle: dir,
      only: ['overload', 'straightforward', 'soak', 'heads', 'providers'],
      json,
      plan: { ...EASY, ...SHORT },
      print: (text) => printed.push(text),
      note: () => undefined,
    });
  }, 240_000);

  it('measures the encoder alone at each batch size, before and after', () => {
    const { framesPerS, bestBatch, bestFramesPerS } = report.raw ?? { framesPerS: {}, bestBatch: 0, bestFramesPerS: 0 };
    expect(Object.keys(framesPerS)).toEqual(['1', '4']);
    expect(bestFramesPerS).toBe(Math.max(...Object.values(framesPerS)));
    expect(bestFramesPerS).toBe(framesPerS[String(bestBatch)]);
    expect(bestFramesPerS).toBeGreaterThan(0);
    const { batch, microsPerWindow, microsWithGaps, microsByBatch = {} } = report.heads ?? {};
    expect(Object.keys(microsByBatch)).toEqual(['1', '4', '16', '32', '64', '128', '256']);
    expect(Object.values(microsByBatch).every((micros) => micros > 0)).toBe(true);
    expect(microsPerWindow).toBe(microsByBatch[batch ?? 0]);
    expect(microsWithGaps).toBeGreaterThan(0);
  });

  it('measures the processor, and beside it every GPU that is there', () => {
    const [cpu, ...gpus] = report.providers ?? [];
    expect(cpu?.provider).toBe('cpu');
    for (const found of [cpu, ...gpus]) {
      for (const values of [found?.framesPerS, found?.textsPerS, found?.headsMicros]) {
        expect(Object.keys(values ?? {})).toEqual(['1', '2']);
        expect(Object.values(values ?? {}).every((value) => value > 0)).toBe(true);
      }
      expect(Object.keys(found?.vitFramesPerS ?? {})).toContain('1');
      expect(found?.leastCosine).toBeGreaterThan(0.999);
    }
  });

  it.each(['sessions', 'straightforward'] as const)('accounts for every frame of %s', (which) => {
    const found = report[which] as SessionsReport;
    const { totals } = found;
    expect(found.sessions).toBe(6);
    expect(totals).toMatchObject({ sessions: 6, lost: 0, inFlight: 0 });
    expect(totals.sent).toBeGreaterThan(0);
    expect(totals.received).toBe(totals.sent);
    const dropped = Object.values(totals.dropped).reduce((sum, count) => sum + count, 0);
    expect(totals.encoded + dropped).toBe(totals.received);
    const { decimated = 0 } = totals.dropped;
    expect(found.dropShare).toBeCloseTo((dropped - decimated) / totals.sent, 9);
    const numbers = [
      found.sentPerS,
      found.encodedPerS,
      found.resultsPerS,
      found.sentOfRaw,
      found.encodedOfRaw,
      found.serverCpuMsPerFrame,
      found.latencyMs.p50,
      found.generatorShare,
      found.meanBatch,
    ];
    expect(numbers.filter((value) => !(value > 0 && value < Infinity))).toEqual([]);
    expect(found.latencyMs.p50).toBeLessThanOrEqual(found.latencyMs.p95);
    expect(found.latencyMs.p95).toBeLessThanOrEqual(found.latencyMs.p99);
    expect(found.encodedOfRaw).toBeCloseTo(found.encodedPerS / (report.raw?.bestFramesPerS ?? 0), 9);
  });

  it('accounts for every frame of twice the sessions, and of a long run, and says how memory went', () => {
    const { overload, soak } = report;
    expect(overload?.sessions).toBe(12);
    expect(soak?.sessions).toBe(3);
    expect(soak?.mediaHours).toBeCloseTo((3 * (soak?.seconds ?? 0)) / 3600, 9);
    for (const totals of [overload?.totals, soak?.totals]) {
      const dropped = Object.values(totals?.dropped ?? {}).reduce((sum, count) => sum + count, 0);
      expect(totals).toMatchObject({ lost: 0, inFlight: 0, received: totals?.sent });
      expect(totals?.captionsTaken).toBe(totals?.captionsSent);
      expect((totals?.encoded ?? 0) + dropped).toBe(totals?.received);
    }
    expect(overload?.resultsPerSPerSession.least).toBeGreaterThan(0);
    for (const slope of [overload?.rss, soak?.rss, soak?.heap]) {
      expect(slope?.perS).toBeTypeOf('number');
      expect(slope?.error).toBeGreaterThanOrEqual(0);
    }
  });

  it('compares the two, prints a table and writes the report', () => {
    expect(report.sessionsRatio).toBe(1);
    expect(report).not.toHaveProperty('training');
    expect(printed.join('\n')).toContain(report.machine.processor);
    expect(printed.join('\n')).toMatch(/server: sessions per core +6 at 4 frames\/s/);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual(JSON.parse(JSON.stringify(report)));
  });

  it('refuses a part that it does not have', async () => {
    await expect(bench({ only: ['speed'] })).rejects.toMatchObject({ code: 'bad_setting', exitCode: 2 });
  });
});

describe('the straightforward build', () => {
  it('speaks the protocol and predicts for every frame', async () => {
    const { dir } = await writeTinyBundle();
    const server = await startStraightforward(dir);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`);
    const messages: ServerMessage[] = [];
    const closed = new Promise((resolve) => {
      socket.on('message', (data: Buffer) => messages.push(ServerMessage.parse(JSON.parse(data.toString('utf8')))));
      socket.on('close', resolve);
    });
    await new Promise((resolve) => {
      socket.once('open', resolve);
    });
    const send = (message: object): void => socket.send(JSON.stringify(message));
    const { images } = await drawMaterial(32);
    send({ type: 'session.update', protocol: 1 });
    for (const [seq, image] of images.slice(0, 8).entries()) {
      socket.send(encodeFrame({ seq, ptsMs: 250 * seq, image }));
      if (seq === 4)
        send({
          type: 'caption',
          segment_id: 'a',
          revision: 0,
          text: 'i am so happy',
          is_final: true,
          start_ms: 500,
          end_ms: 1000,
        });
    }
    send({ type: 'session.close' });
    await closed;
    await server.close();
    const results = messages.flatMap((message) => (message.type === 'sentiment.result' ? [message] : []));
    expect(results.map(({ pts_ms }) => pts_ms)).toEqual([0, 250, 500, 750, 1000, 1250, 1500, 1750]);
    expect(results.at(-1)).toMatchObject({
      state: 'ok',
      modalities: { video: { source: 'observed', coverage: 1 }, text: { source: 'observed' } },
    });
    expect(new Set(results.map(({ score }) => score)).size).toBeGreaterThan(1);
    expect(messages.at(-1)).toMatchObject({
      type: 'session.closed',
      totals: { frames: { received: 8, encoded: 8, in_flight: 0, dropped: {} }, captions: 1, results: 8 },
    });
  });
});
