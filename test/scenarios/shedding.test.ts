import { expect, it, vi } from 'vitest';
import { CallQueue } from '../../models/runtime/call-queue.ts';
import { openSession } from '../../pipeline/session.ts';
import { fakeImage, fakeModel, hashEmbedding } from '../support/fake-model.ts';
import { caption, frame } from '../support/scenario.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import type { Job } from '../../models/runtime/call-queue.ts';
import type { Lane } from '../../models/runtime/lane.ts';
import type { Encoded, ImageInput } from '../../models/model.ts';
import type { SentimentResult } from '../../pipeline/protocol/index.ts';
import type { FakeModel } from '../support/fake-model.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';

// Many sessions at once; a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

const IMAGE_MS = 60;
const MAX_BATCH = 8;
const UNTIL_MS = 20_000;

const lane: Lane<ImageInput, Encoded> = {
  name: 'video',
  kind: 'image',
  weigh: () => 0,
  request: (inputs) => ({
    batch: { op: 'images', modality: 'video', items: inputs.map(() => ({ bytes: 0 })) },
    blobs: [],
  }),
  results: () => (index, timing) => ({ embedding: hashEmbedding(`video:${index}`, 16), timing }),
};

/** A model whose images all wait in the queue of a real pool for the one encoder, which takes 60 ms for each. */
function modelOfOneEncoder(clock: VirtualClock): FakeModel {
  const model = fakeModel({ clock });
  const queue = new CallQueue(lane, {
    maxQueue: 1000,
    maxBatch: MAX_BATCH,
    batchTargetMs: IMAGE_MS * MAX_BATCH,
    deadlineMs: 1000,
  });
  const encode = model.encode.bind(model);
  let running: Job | undefined;
  const dispatch = (): void => {
    running ??= queue.take(1);
    if (running?.batch.op !== 'images') return;
    const computeMs = IMAGE_MS * running.batch.items.length;
    clock.schedule(computeMs, () => {
      running?.settle({ reply: { op: 'done', id: 1, computeMs, decodeMs: 0, faults: [] }, body: Buffer.alloc(0) });
      running = undefined;
      dispatch();
    });
  };
  model.encode = (modality, input, options) => {
    if (input.kind === 'text') return encode(modality, input, options);
    const newer = (): ImageInput | undefined => {
      const next = options?.newer?.();
      return next?.kind === 'text' ? undefined : next;
    };
    const encoded = queue.push(input, newer);
    if (running === undefined) dispatch();
    return encoded;
  };
  return model;
}

it('of images is the same for every session, whatever it sends; captions and results are not shed', async () => {
  const clock = virtualClock(1000);
  const model = modelOfOneEncoder(clock);
  // 12 sessions that together send 102 frames a second, of which 17 can be encoded.
  const everyMs = [250, 250, 250, 250, 250, 250, 125, 125, 125, 125, 40, 40];
  const sessions = everyMs.map((ms, i) => {
    const session = openSession(model, { mode: 'live', clock });
    const results: SentimentResult[] = [];
    session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.result') results.push(output);
    });
    const startMs = clock.now() + 7 * i;
    const send = (seq: number): void => {
      const ptsMs = clock.now() - startMs;
      if (ptsMs >= UNTIL_MS) return;
      void session.push(frame(seq, ptsMs, fakeImage(`${i} ${seq}`)));
      if (seq % 10 === 9) void session.push(caption(`s${seq}`, `words ${seq}`, [ptsMs - ms, ptsMs]));
      clock.schedule(ms, () => send(seq + 1));
    };
    clock.schedule(7 * i, () => send(0));
    return { session, results, captions: Math.floor(Math.ceil(UNTIL_MS / ms) / 10) };
  });
  await clock.advance(UNTIL_MS + 2000);
  const totals = sessions.map(({ session }) => session.totals());

  const encoded = totals.map(({ frames }) => frames.encoded);
  expect(Math.min(...encoded)).toBeGreaterThan(20);
  expect(Math.max(...encoded) - Math.min(...encoded)).toBeLessThanOrEqual(2);
  for (const { frames } of totals) {
    const dropped = Object.values(frames.dropped).reduce((sum, count) => sum + count, 0);
    expect(frames).toMatchObject({ in_flight: 0, received: frames.encoded + dropped });
  }
  for (const [i, { results, captions }] of sessions.entries()) {
    expect(totals[i]?.captions).toBe(captions);
    expect(results.slice(0, 80).map(({ pts_ms: ptsMs }) => ptsMs)).toEqual(
      results.slice(0, 80).map((_, k) => 250 * (k + 1)),
    );
    expect(results.length).toBeGreaterThanOrEqual(80);
    expect(results.some(({ modalities }) => modalities['video']?.cause === 'load_shed')).toBe(true);
    const texts = results.map(({ modalities }) => modalities['text']?.cause);
    expect(texts).not.toContain('load_shed');
  }
  await Promise.all([clock.advance(1000), ...sessions.map(({ session }) => session.close())]);
});
