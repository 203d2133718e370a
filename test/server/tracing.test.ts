import { createRequire } from 'node:module';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { encodeFrame } from '../../pipeline/protocol/index.ts';
import { createLogger } from '../../server/log.ts';
import { wantsTracing } from '../../server/tracing/config.ts';
import { openTracing } from '../../server/tracing/open-tracing.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { startOtlpReceiver } from './support/otlp-receiver.ts';
import { startChild } from './support/start-child.ts';
import { connectTestClient } from './support/test-client.ts';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { OtlpReceiver, ReceivedSpan } from './support/otlp-receiver.ts';

let bundle: Bundle;
let receiver: OtlpReceiver;
beforeAll(async () => {
  bundle = await writeTinyBundle({ windowMs: 1000, hopMs: 250 });
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.close());

const log = createLogger('silent');

/** A frame and a caption, their result, and the end of the server. @returns its exit status */
async function serveOnce(env: Record<string, string>): Promise<number | null> {
  const { child, url, ended } = await startChild(bundle.dir, env);
  const client = await connectTestClient('ws', url);
  client.send({ type: 'session.update', protocol: 1 });
  await client.next('session.created');
  const image = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a52' } })
    .jpeg()
    .toBuffer();
  client.sendBinary(encodeFrame({ seq: 0, ptsMs: 0, image }));
  client.caption('s0', 'words that are nobody elses business', 0, 400);
  await client.next('sentiment.result', ({ modalities }) => modalities['text']?.source === 'observed');
  child.kill('SIGTERM');
  await client.closed;
  return await ended;
}

const stagesOf = (root: ReceivedSpan): ReceivedSpan[] =>
  receiver.spans.filter(({ parentSpanId, traceId }) => traceId === root.traceId && parentSpanId === root.spanId);
const rootsOf = (name: string): ReceivedSpan[] =>
  receiver.spans.filter((span) => span.name === name && (span.parentSpanId ?? '') === '');

describe('spans', { timeout: 90_000 }, () => {
  test('of every stage are at the receiver when the server has drained', async () => {
    expect(await serveOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })).toBe(0);
    expect(receiver.services).toEqual(new Set(['undertone']));
    const stages = (name: string): Set<string> =>
      new Set(
        rootsOf(name).map((root) =>
          stagesOf(root)
            .map((span) => span.name)
            .join(' '),
        ),
      );
    expect(stages('batch')).toEqual(new Set(['queue decode encode', 'queue encode', 'queue heads']));
    expect(stages('result')).toEqual(new Set(['queue encode heads send']));
    for (const root of [...rootsOf('batch'), ...rootsOf('result')])
      for (const { startTimeUnixNano: start, endTimeUnixNano: end } of stagesOf(root)) {
        expect(BigInt(start) >= BigInt(root.startTimeUnixNano)).toBe(true);
        expect(BigInt(end) >= BigInt(start) && BigInt(end) <= BigInt(root.endTimeUnixNano)).toBe(true);
      }
  });

  test('of a result are made once, whatever a resume sends again', async () => {
    const { child, url, ended } = await startChild(bundle.dir, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const hello = { type: 'session.update', protocol: 1 };
    const first = await connectTestClient('ws', url);
    first.send(hello);
    const { session_id: id, resume_token: resume } = await first.next('session.created');
    first.caption('s0', 'words', 0, 400);
    await first.next('sentiment.result', ({ seq }) => seq >= 3);
    first.drop();
    await first.closed;
    const second = await connectTestClient('ws', url);
    second.send({ ...hello, resume, last_seq: 0 });
    await second.next('metrics');
    const newest = Math.max(...second.of('sentiment.result').map(({ seq }) => seq));
    await second.next('sentiment.result', ({ seq }) => seq > newest);
    child.kill('SIGTERM');
    await second.closed;
    expect(await ended).toBe(0);
    const attribute = ({ attributes }: ReceivedSpan, key: string): unknown =>
      Object.values(attributes.find((one) => one.key === `undertone.${key}`)?.value ?? {})[0];
    const seqs = rootsOf('result')
      .filter((span) => attribute(span, 'session') === id)
      .map((span) => Number(attribute(span, 'seq')));
    expect(seqs).toEqual(expect.arrayContaining([1, 2, newest + 1]));
    expect(new Set(seqs).size).toBe(seqs.length);
  });

  test('say nothing of what was said, shown or who it was', () => {
    const sent = receiver.bodies.join('\n');
    expect(sent).toContain('undertone.session');
    expect(sent).not.toMatch(/nobody elses|127\.0\.0\.1|resume|token/);
  });

  test('that nobody takes do not keep the server from working or from ending', async () => {
    const gone = await startOtlpReceiver();
    await gone.close();
    expect(await serveOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: gone.url })).toBe(0);
  });
});

describe('without an endpoint', () => {
  test('there is no tracing, and none of its packages is loaded', async () => {
    expect(await openTracing(log, {})).toBeUndefined();
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    expect(loaded.filter((path) => path.includes('@opentelemetry/sdk'))).toEqual([]);
    const tracing = await openTracing(log, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const after = Object.keys(createRequire(import.meta.url).cache);
    expect(after.some((path) => path.includes('@opentelemetry/sdk'))).toBe(true);
    await tracing?.close();
    await tracing?.close();
  });

  test.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://example.org/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_SDK_DISABLED: 'true' }, false],
  ])('%j: %s', (env, wanted) => {
    expect(wantsTracing(env)).toBe(wanted);
  });

  test('an address that is none is a bad setting, and what it says is not repeated', () => {
    expect(() => wantsTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'me:secret@localhost' })).toThrow(
      expect.objectContaining({
        code: 'bad_setting',
        exitCode: 2,
        message: 'OTEL_EXPORTER_OTLP_ENDPOINT: is no http address',
      }),
    );
  });
});

// After the test of what is loaded.
test('spans have the time of the clock, also after it was set', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
  const tracing = await openTracing(log, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const clock = vi.spyOn(Date, 'now').mockReturnValue(2e12);
  const times = { queueMs: 1, computeMs: 0.5, decodeMs: 0 };
  tracing?.batch({ kind: 'text', lane: 'clock', size: 1, ok: true, ...times });
  clock.mockRestore();
  await tracing?.close();
  vi.unstubAllEnvs();
  const span = rootsOf('batch').findLast(({ attributes }) => JSON.stringify(attributes).includes('"clock"'));
  expect([span?.startTimeUnixNano, span?.endTimeUnixNano]).toEqual(['1999999999998500000', '2000000000000000000']);
});
