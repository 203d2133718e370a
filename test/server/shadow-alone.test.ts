import { expect, test } from 'vitest';
import { Shadow } from '../../server/sessions/shadow.ts';
import { openSession } from '../../pipeline/session.ts';
import { fakeModel } from '../support/fake-model.ts';
import { caption, frame as frameAt } from '../support/scenario.ts';
import { virtualClock } from '../support/virtual-clock.ts';
import { pngHeader } from './support/test-image.ts';

test('a shadow of the same model agrees exactly, whatever is missing', async () => {
  const clock = virtualClock(1000);
  const options = { mode: 'live', clock } as const;
  const session = openSession(fakeModel({ clock }), options);
  const shadow = new Shadow(fakeModel({ clock }), options, () => undefined);
  session.outputs.subscribe((output) => output.type === 'sentiment.result' && shadow.said(output));
  for (let i = 0; i < 60; i++) {
    const ptsMs = i * 250;
    const frames = i < 40 ? [frameAt(i, ptsMs)] : [];
    const captions = i < 10 || i >= 35 ? [caption(`c${i}`, `words ${i % 7}`, [ptsMs, ptsMs + 250])] : [];
    for (const input of [...frames, ...captions]) {
      shadow.push(input);
      void session.push(input);
    }
    await clock.advance(250);
  }
  const { skipped, failed, agreement } = shadow.metrics();
  expect({ skipped, failed }).toEqual({ skipped: 0, failed: false });
  expect(Object.keys(agreement).toSorted()).toEqual(['observed', 'text', 'video']);
  for (const of of Object.values(agreement))
    expect(of).toMatchObject({ same_label: 1, score_difference: 0, correlation: 1 });
  await Promise.all([session.close(), shadow.close()]);
});

test('a shadow that is behind leaves frames out, but never how a modality is switched', async () => {
  const model = fakeModel({ windowMs: 1000, hopMs: 100 });
  const encode = model.encode.bind(model);
  const held: (() => void)[] = [];
  model.encode = async (...call) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return encode(...call);
  };
  const shadow = new Shadow(model, { mode: 'replay' }, () => undefined);
  const frame = (seq: number): void =>
    shadow.push({ kind: 'frame', seq, ptsMs: 200 * seq, image: { kind: 'image', bytes: pngHeader(8, 8, `${seq}`) } });
  for (let seq = 0; seq < 40; seq++) frame(seq);
  expect(shadow.metrics().skipped).toBe(8);
  shadow.push({ kind: 'modality', modality: 'video', state: 'paused' });
  shadow.push({ kind: 'keepalive' });
  expect(shadow.metrics().skipped).toBe(8);
  const free = setInterval(() => held.splice(0).forEach((go) => go()), 1);
  await expect.poll(() => model.calls.encode).toBe(32);
  const before = model.calls.encode;
  for (let seq = 40; seq < 44; seq++) frame(seq);
  await shadow.close();
  clearInterval(free);
  expect(model.calls.encode).toBe(before);
  // They were given, and it is the pause that kept them from the encoder.
  expect(shadow.metrics().skipped).toBe(8);
});
