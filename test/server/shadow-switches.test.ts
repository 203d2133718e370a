import { expect, test } from 'vitest';
import { Shadow } from '../../server/sessions/shadow.ts';
import { fakeModel } from '../support/fake-model.ts';
import { pngHeader } from './support/test-image.ts';

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
  expect(shadow.metrics().skipped).toBe(8);
  const free = setInterval(() => held.splice(0).forEach((go) => go()), 1);
  await expect.poll(() => model.calls.encode).toBe(32);
  const before = model.calls.encode;
  for (let seq = 40; seq < 44; seq++) frame(seq);
  await shadow.close();
  clearInterval(free);
  expect(model.calls.encode).toBe(before);
});
