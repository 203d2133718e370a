import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Manifest } from '../../models/bundle/manifest.ts';
import { readParams } from '../../models/graph/onnx/read-params.ts';
import { loadLocalModel, type LocalModel } from '../../models/runtime/load-local-model.ts';
import { openDataset } from '../../training/datasets/open-dataset.ts';
import { evaluate } from '../../training/evaluation/evaluate.ts';
import { readPairs } from '../../training/pools/pair-pool.ts';
import { smoke } from '../../training/recipes/smoke.ts';
import { smokeDataset } from '../support/smoke-dataset.ts';
import { train } from '../../training/train.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-train-'));
const data = join(root, 'data');
const losses = new Map<string, { first: number; last: number }>();
let folder: string;
let model: LocalModel;

beforeAll(async () => {
  await smokeDataset(data, { seed: 1, n: 140 });
  folder = await train({
    recipe: smoke,
    data,
    out: join(root, 'run'),
    onProgress: (stage, { loss: whole, metrics }) => {
      // The score's part of the heads' and the text branches' loss is noise in batches of 16.
      const loss = /heads|text branch/.test(stage) ? (metrics['sentiment'] ?? Number.NaN) : whole;
      const known = losses.get(stage);
      losses.set(stage, { first: known?.first ?? loss, last: loss });
    },
  });
  model = await loadLocalModel({ bundle: folder });
}, 120_000);
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

interface Changed {
  readonly recipe?: typeof smoke;
  readonly data?: () => string;
}

/** The data with one word for another in a table of it. @returns the folder */
function relabelled(table: string, from: string, to: string): string {
  const other = mkdtempSync(join(root, 'relabelled-'));
  cpSync(data, other, { recursive: true });
  writeFileSync(join(other, table), readFileSync(join(other, table), 'utf8').replaceAll(from, to));
  return other;
}

describe('training on the generated smoke data', () => {
  it('lowers the loss of every stage', () => {
    expect(losses.size).toBe(8);
    for (const [stage, { first, last }] of losses) expect(last, stage).toBeLessThan(first);
  });

  it('writes a whole bundle with recipe, data, metrics and calibration', async () => {
    const manifest = Manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
    expect(manifest.training).toMatchObject({ recipe: { name: 'undertone-smoke', seed: smoke.seed } });
    expect(manifest.data.map(({ name }) => name)).toEqual([
      'fer2013',
      'goemotions',
      'mosei',
      'mvsa (pairs, heads alone)',
      'mvsa',
      'drawn faces',
    ]);
    expect(Object.keys(manifest.fidelity ?? {})).toEqual(['video', 'text']);
    expect(Object.keys(manifest.calibration).sort()).toEqual([
      'video=mixed,text=observed',
      'video=mixed,text=virtual',
      'video=observed,text=observed',
      'video=observed,text=virtual',
      'video=virtual,text=observed',
    ]);
    const composed = manifest.metrics.filter(({ dataset }) => dataset === 'composed clips');
    expect(composed.length).toBeGreaterThan(0);
    for (const { metrics } of composed) {
      expect(metrics['sentiment_ece']).toBeTypeOf('number');
      expect(metrics['sentiment_ece_uncalibrated']).toBeTypeOf('number');
    }
    const pairs = manifest.metrics.filter(({ dataset }) => dataset === 'mvsa, pairs');
    expect(pairs.map(({ missing }) => missing)).toEqual(['none', 'video', 'text']);
    for (const { n, metrics } of pairs) {
      expect(n).toBeGreaterThan(0);
      expect(metrics['accuracy']).toBeTypeOf('number');
    }
    const sizes = manifest.metrics.filter(({ dataset }) => dataset.endsWith("of the frame's height"));
    expect(sizes.map(({ dataset }) => dataset.match(/\d+/g)?.[1])).toEqual(['50', '30', '25']);
    expect(await readFile(join(folder, 'MODEL_CARD.md'), 'utf8')).toContain('undertone-smoke 0.0.1');
  });

  it('goes on from finished stages to the same weights', async () => {
    const heads = join(folder, 'heads.onnx');
    const before = await readFile(heads);
    const stamp = statSync(join(root, 'run', 'alignment.safetensors')).mtimeMs;
    const stages: string[] = [];
    await train({ recipe: smoke, data, out: join(root, 'run'), onStage: (what) => void stages.push(what) });
    expect(await readFile(heads)).toEqual(before);
    expect(statSync(join(root, 'run', 'alignment.safetensors')).mtimeMs).toBe(stamp);
    // What only the finished stages need is not made again.
    expect(stages.filter((what) => /^(encoding|drawing)/.test(what))).toEqual([]);
  }, 60_000);

  it('measures a finished run again without the training pictures', async () => {
    const other = join(root, 'without');
    cpSync(data, other, { recursive: true });
    const [header = '', ...rows] = readFileSync(join(other, 'faces-fer2013', 'index.csv'), 'utf8').split('\n');
    const images = readFileSync(join(other, 'faces-fer2013', 'images.bin'));
    const cells = (row: string): Record<string, string> =>
      Object.fromEntries(row.split(',').map((cell, i) => [header.split(',')[i], cell]));
    for (const { split, offset, length } of rows.map(cells))
      if (split === 'train') images.fill(0xff, Number(offset) + 20, Number(offset) + Number(length));
    writeFileSync(join(other, 'faces-fer2013', 'images.bin'), images);
    const out = join(root, 'measured');
    cpSync(join(root, 'run'), out, { recursive: true });
    const made = await train({ recipe: smoke, data: other, out });
    const of = async (dir: string) => Manifest.parse(JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')));
    const [before, after] = [await of(folder), await of(made)];
    expect(after).toEqual({ ...before, created: after.created, files: after.files });
  }, 60_000);

  it('measures on no part of the pairs without saying so', async () => {
    const other = join(root, 'broken');
    cpSync(data, other, { recursive: true });
    const table = await openDataset('mvsa', other, { skipBad: false });
    const images = readFileSync(join(other, 'mvsa', 'images.bin'));
    const [held] = readPairs(table, 'val');
    const at = images.indexOf(held?.image() ?? '');
    images.fill(0xff, at + 20, at + (held?.image().length ?? 0));
    writeFileSync(join(other, 'mvsa', 'images.bin'), images);
    const out = join(root, 'on-broken');
    cpSync(join(root, 'run'), out, { recursive: true });
    const named = new RegExp(`image ${held?.id}: `);
    const stages: string[] = [];
    const run = { recipe: smoke, data: other, out, onStage: (what: string) => void stages.push(what) };
    await expect(train(run)).rejects.toMatchObject({ code: 'data_image', message: expect.stringMatching(named) });
    expect(stages.at(-1)).toBe('evaluating mvsa');
    await train({ ...run, skipBad: true });
    expect(stages.filter((what) => what.startsWith('left out'))).toEqual([expect.stringMatching(named)]);
  }, 120_000);

  it('makes again what an unfinished stage needs, to the same weights', async () => {
    const out = join(root, 'partly');
    cpSync(join(root, 'run'), out, { recursive: true });
    for (const name of ['alignment', 'zero-fill-heads-on-complete-data']) rmSync(join(out, `${name}.safetensors`));
    const stages: string[] = [];
    const made = await train({ recipe: smoke, data, out, onStage: (what) => void stages.push(what) });
    for (const file of ['heads.onnx', 'text.onnx'])
      expect(await readFile(join(made, file)), file).toEqual(await readFile(join(folder, file)));
    expect(stages.filter((what) => what.startsWith('encoding'))).toEqual([
      'encoding faces and utterances',
      'encoding pairs',
    ]);
    const baseline = join('baselines', 'zero_complete', 'heads.onnx');
    expect(await readFile(join(out, baseline))).toEqual(await readFile(join(root, 'run', baseline)));
  }, 60_000);

  it.each(['reading mvsa', 'training the text branch 1 of 2', 'evaluating mosei'])(
    'ends where it is interrupted, and leaves the finished bundle as it was: %s',
    async (stage) => {
      const manifest = await readFile(join(folder, 'manifest.json'), 'utf8');
      const controller = new AbortController();
      const stages: string[] = [];
      const onStage = (what: string): void => {
        stages.push(what);
        if (what === stage) controller.abort();
      };
      const { signal } = controller;
      const run = train({ recipe: smoke, data, out: join(root, 'run'), onStage, signal });
      await expect(run).rejects.toMatchObject({ name: 'AbortError' });
      expect(stages.at(-1)).toBe(stage);
      expect(await readFile(join(folder, 'manifest.json'), 'utf8')).toBe(manifest);
    },
    60_000,
  );

  it('keeps image encoder and face finder of a bundle', async () => {
    const out = join(root, 'kept');
    const kept = await train({ recipe: smoke, data, out, imagesOf: folder });
    for (const file of ['image.onnx', 'finder.onnx'])
      expect(await readFile(join(kept, file)), file).toEqual(await readFile(join(folder, file)));
    expect((await readdir(out)).filter((file) => /image|finder/.test(file))).toEqual([]);
    const manifest = Manifest.parse(JSON.parse(await readFile(join(kept, 'manifest.json'), 'utf8')));
    expect(manifest.training).toMatchObject({
      images_of: 'undertone-smoke@0.0.1',
      finder_of: 'undertone-smoke@0.0.1',
    });
    expect(await readFile(join(kept, 'MODEL_CARD.md'), 'utf8')).toContain('--images-of undertone-smoke@0.0.1');
  }, 60_000);

  it('keeps the image encoder alone where the recipe trains another finder', async () => {
    const other = { ...smoke, finder: { ...smoke.finder, placeWeight: 2 } } as typeof smoke;
    const kept = await train({ recipe: other, data, out: join(root, 'finder'), imagesOf: folder });
    expect(await readFile(join(kept, 'image.onnx'))).toEqual(await readFile(join(folder, 'image.onnx')));
    expect(await readFile(join(kept, 'finder.onnx'))).not.toEqual(await readFile(join(folder, 'finder.onnx')));
    const { training } = Manifest.parse(JSON.parse(await readFile(join(kept, 'manifest.json'), 'utf8')));
    expect(training['finder_of']).toBeUndefined();
    expect(await readFile(join(kept, 'MODEL_CARD.md'), 'utf8')).toContain(
      'The image encoder is that of undertone-smoke',
    );
  }, 60_000);

  it('keeps tokenizer and text branches of a bundle, and trains the others', async () => {
    const out = join(root, 'texts');
    const [reader] = smoke.text.branches;
    const text = {
      ...smoke.text,
      branches: [...smoke.text.branches, { ...reader, dimension: 4 }],
    } as typeof smoke.text;
    const recipe = { ...smoke, text, pairs: { dataset: 'mvsa', share: 0.2, texts: { weight: 1, branches: [2] } } };
    const kept = await train({ recipe, data, out, imagesOf: folder, textsOf: folder });
    expect(await readFile(join(kept, 'tokenizer.json'))).toEqual(await readFile(join(folder, 'tokenizer.json')));
    expect((await readdir(out)).filter((file) => /branch|tokenizer/.test(file))).toEqual(['text-branch-2.safetensors']);
    const [before, after] = await Promise.all(
      [folder, kept].map(async (dir) => readParams(await readFile(join(dir, 'text.onnx')))),
    );
    const branches = [...(before?.keys() ?? [])].filter((name) => name.startsWith('text.branches.'));
    expect(branches.length).toBeGreaterThan(0);
    for (const name of branches) expect(after?.get(name), name).toEqual(before?.get(name));
    const manifest = Manifest.parse(JSON.parse(await readFile(join(kept, 'manifest.json'), 'utf8')));
    expect(manifest.training).toMatchObject({ texts_of: 'undertone-smoke@0.0.1' });
    const card = await readFile(join(kept, 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain('--images-of undertone-smoke@0.0.1 --texts-of undertone-smoke@0.0.1');
    expect(card).toContain('only number 3 read the texts of mvsa');
  }, 60_000);

  it.each([
    ['another seed', { recipe: { ...smoke, seed: smoke.seed + 1 } }],
    ['other labels of faces', { data: () => relabelled('faces-fer2013/index.csv', 'happy', 'sad') }],
    ['other labels of texts', { data: () => relabelled('mosei/label.csv', '2.', '1.') }],
    ['another weight of faces', { recipe: { ...smoke, faces: [{ dataset: 'fer2013', weight: 2 }] } }],
    ['another weight of drawn faces', { recipe: { ...smoke, syntheticFaces: { ...smoke.syntheticFaces, weight: 2 } } }],
  ])(
    'refuses %s, where encoders are kept, too',
    async (_, { recipe = smoke, ...other }: Changed) => {
      const changed = { recipe, data: other.data?.() ?? data };
      const refused = { code: 'checkpoint_mismatch' };
      await expect(train({ ...changed, out: join(root, 'run') })).rejects.toMatchObject(refused);
      const kept = { imagesOf: folder, textsOf: folder, out: join(root, 'both') };
      if (!existsSync(kept.out)) await train({ recipe: smoke, data, ...kept });
      await expect(train({ ...changed, ...kept })).rejects.toMatchObject(refused);
    },
    60_000,
  );

  it('keeps no text branches that the recipe does not begin with', async () => {
    const [reader, ...others] = smoke.text.branches;
    const branches = [{ ...reader, width: 24 }, ...others] as typeof smoke.text.branches;
    for (const text of [
      { ...smoke.text, branches },
      { ...smoke.text, branches: smoke.text.branches.slice(1) },
    ])
      await expect(
        train({ recipe: { ...smoke, text }, data, out: join(root, 'no-texts'), textsOf: folder }),
      ).rejects.toMatchObject({ code: 'texts_mismatch' });
  });

  it('keeps none that the recipe does not make', async () => {
    const other = { ...smoke, image: { ...smoke.image, widths: [8, 8] } };
    const kept = train({ recipe: other, data, out: join(root, 'other'), imagesOf: folder });
    await expect(kept).rejects.toMatchObject({ code: 'images_mismatch' });
  });

  it('refuses the checkpoints of another configuration', async () => {
    const other = { ...smoke, imageStage: { ...smoke.imageStage, labelSmoothing: 0.5 } };
    await expect(train({ recipe: other, data, out: join(root, 'run') })).rejects.toMatchObject({
      code: 'checkpoint_mismatch',
    });
  });
});

describe('evaluation', () => {
  it('prints metrics beside the trivial baseline', async () => {
    const result = await evaluate({ model, dataset: 'mosei', data, split: 'valid' });
    expect(result).toMatchObject({ dataset: 'mosei', split: 'valid', insufficient: 0, skipped: 0 });
    for (const metric of ['MAE', 'Has0_acc_2', 'Mult_acc_7']) {
      expect(result.metrics[metric]).toBeTypeOf('number');
      expect(result.baseline[metric]).toBeTypeOf('number');
    }
  });

  it('is the same twice, and leaves out what has nothing left', async () => {
    const options = { model, dataset: 'mosei', data, split: 'valid', missing: { text: 0.5 }, seed: 3 } as const;
    const [a, b] = [await evaluate(options), await evaluate(options)];
    expect(a).toEqual(b);
    expect(a.insufficient).toBeGreaterThan(0);
    expect(a.n + a.insufficient).toBe((await evaluate({ ...options, missing: {} })).n);
  });

  it('names a modality that the bundle does not have', async () => {
    await expect(
      evaluate({ model, dataset: 'mosei', data, split: 'valid', missing: { audio: 1 } }),
    ).rejects.toMatchObject({
      code: 'unknown_modality',
    });
  });
});
