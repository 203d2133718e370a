import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { adaptedSet } from '../../../training/adapter/adapted-set.ts';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import { emptyTable, type ClipTable } from '../../../training/sweep/clip-table.ts';
import type { Fold, SweepSet } from '../../../training/sweep/sweep-set.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-adapted-set-'));
let model: LocalModel;
let fold: Fold;
let set: SweepSet;

async function clips(texts: readonly string[], sentiment: (i: number) => number): Promise<ClipTable> {
  const table = emptyTable(texts.length, 1, model.info.dimension);
  table.text.set(await model.encodeTexts('text', texts));
  table.textMask.fill(1);
  table.sentiment.set(texts.map((_, i) => sentiment(i)));
  return { ...table, texts };
}

beforeAll(async () => {
  const bundle = await writeTinyBundle({ dir: join(root, 'tiny'), emotions: EMOTIONS });
  model = await loadLocalModel({ bundle: bundle.dir });
  const words = ['so happy', 'what a sad day', 'a happy day', 'so sad'];
  const texts = Array.from({ length: 40 }, (_, i) => `${words[i % 4]} ${'so '.repeat(i % 3)}what`);
  fold = {
    train: await clips(texts, (i) => ((i % 4) % 2 === 0 ? 2 : 0)),
    test: await clips(['a happy what', 'a sad what'], (i) => 2 - i),
  };
  set = adaptedSet(
    {
      name: 'drawn',
      title: 'drawn',
      levels: ['sample'],
      emotions: EMOTIONS,
      measures: [],
      fingerprint: 'drawn',
      tested: { clips: 2, counted: 2 },
      notes: [],
      anySlots: false,
      folds: () => [fold],
    },
    model,
  );
});
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

const adapt = (of: Fold, mask = of.train.textMask): Promise<Fold> =>
  set.adapt?.(of, mask, 1) ?? Promise.reject(new Error('the set has no adapter'));

describe('a set with an adapter', () => {
  it('moves training and test texts, and is another set', async () => {
    const { train, test } = await adapt(fold);
    expect(train.text).not.toEqual(fold.train.text);
    expect(test.text).not.toEqual(fold.test.text);
    expect([train.video, test.sentiment]).toEqual([fold.train.video, fold.test.sentiment]);
    expect([set.fingerprint === 'drawn', set.notes.length]).toEqual([false, 1]);
  });

  it('fits once for every method, and anew where other texts are left', async () => {
    const first = await adapt(fold);
    expect(await adapt(fold)).toBe(first);
    const some = Float32Array.from(fold.train.textMask, (_, i) => Number(i % 4 < 2));
    const other = await adapt(fold, some);
    expect(other.test.text).not.toEqual(first.test.text);
    const masked = other.train.text.subarray(2 * model.info.dimension, 3 * model.info.dimension);
    const own = fold.train.text.subarray(2 * model.info.dimension, 3 * model.info.dimension);
    for (const [k, value] of masked.entries()) expect(value).toBeCloseTo(own[k] ?? Number.NaN, 5);
  });

  it('knows nothing of the labels of test clips', async () => {
    const { test } = await adapt(fold);
    const other = await adapt({ ...fold, test: { ...fold.test, sentiment: Int8Array.of(0, 2) } });
    expect(other.test.text).toEqual(test.text);
  });

  it('moves the texts that there are, and copies no video for it', async () => {
    const { test: whole } = await adapt(fold);
    const video = fold.test.video.slice();
    const copied = (): never => {
      throw new Error('video was copied');
    };
    video.subarray = copied;
    const { test } = await adapt({ ...fold, test: { ...fold.test, video, textMask: Float32Array.of(0, 1) } });
    const { dimension } = model.info;
    expect(test.video).toBe(video);
    expect(test.text.subarray(0, dimension)).toEqual(fold.test.text.subarray(0, dimension));
    expect(test.text.subarray(dimension)).toEqual(whole.text.subarray(dimension));
  });

  it('is what it was where no training text that is left has a label', async () => {
    const none = new Float32Array(fold.train.n);
    expect((await adapt(fold, none)).test.text).toEqual(fold.test.text);
  });

  it('needs texts', async () => {
    const { texts: _, ...train } = fold.train;
    await expect(adapt({ ...fold, train })).rejects.toMatchObject({ code: 'adapter_texts' });
  });
});
