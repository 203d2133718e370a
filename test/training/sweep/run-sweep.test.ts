import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { random } from '../../../models/random.ts';
import { inOwnOut } from '../../../training/in-own-out.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import type { ClipTable } from '../../../training/sweep/clip-table.ts';
import { runSweep, type RunSweepOptions } from '../../../training/sweep/run-sweep.ts';
import { composedSet } from '../../../training/sweep/sets/composed-set.ts';
import type { Fold } from '../../../training/sweep/sweep-set.ts';
import { smokeDataset } from '../../support/smoke-dataset.ts';
import { npy, npyHeader } from '../../support/npy.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-sweep-'));
const out = join(root, 'out');
let model: LocalModel;

beforeAll(async () => {
  await smokeDataset(join(root, 'data'), { seed: 1, n: 140 });
  const { dir } = await writeTinyBundle({ dir: join(root, 'tiny'), slots: 4 });
  model = await loadLocalModel({ bundle: dir });
}, 120_000);
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

function options(more: Partial<RunSweepOptions> = {}): RunSweepOptions {
  return {
    model,
    recipe: { ...smoke, texts: [...smoke.texts, { dataset: 'meld', weight: 1 }] },
    data: join(root, 'data'),
    out,
    sets: ['composed'],
    preset: 'methods',
    methods: ['trml', 'zero-complete', 'video-only'],
    rates: [0, 0.5, 1],
    trainingRates: [0, 1],
    seeds: [1, 2],
    levels: ['sample', 'frame'],
    phases: ['testing', 'training'],
    budget: { steps: 6, batch: 16, threads: 1 },
    clips: { train: 60, test: 40 },
    ...more,
  };
}

/** When each result, or each trained model, was written. */
function stamps(folder = join(out, 'units')): Record<string, number> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mtimeMs]));
}

describe('a sweep', { timeout: 120_000 }, () => {
  it('measures every method in every case and writes the report', async () => {
    const { files, report } = await runSweep(options());
    expect(files.map((file) => file.slice(out.length + 1))).toEqual([
      'methods.html',
      'methods.md',
      'methods.csv',
      'methods.json',
    ]);
    const [set] = report?.sets ?? [];
    expect(set?.notes).toEqual([expect.stringMatching(/not in the data folder.*meld/)]);
    const { recipe, data, clips } = options();
    const opened = { model, recipe, data, clips, cache: join(out, 'embeddings'), skipBad: false };
    const test = (await composedSet(opened)).folds(1)[0]?.test;
    expect(set?.tested).toEqual({ clips: 40, counted: test?.sentiment.filter((label) => label >= 0).length });
    // Two phases, three cases, three methods and the trivial one, four measures.
    expect(set?.curves).toHaveLength(96);
    for (const { points, measure } of set?.curves ?? [])
      expect(points.every(({ value }) => value.n === 2) || measure === 'Corr').toBe(true);
    expect(set?.virtual.map(({ method }) => method)).toEqual(['trml']);
    expect(set?.methods.map(({ tuned }) => /learning rate/.test(tuned))).toEqual([true, true, true, false]);
    expect(report?.calibration.map(({ pattern }) => pattern)).toContain('video=virtual,text=observed');
    expect(JSON.parse(readFileSync(join(out, 'methods.json'), 'utf8'))).toEqual(report);
  });

  it('is refused while another one writes there, and its parts are not', async () => {
    const given = { out: join(root, 'busy'), methods: ['trml'], rates: [0], seeds: [1] };
    await inOwnOut(given.out, async () => {
      await expect(runSweep(options(given))).rejects.toMatchObject({ code: 'out_busy' });
      const part = await runSweep(options({ ...given, part: { index: 0, count: 2 } }));
      expect(part.report).toBeUndefined();
    });
  });

  it('prints one row for every point', () => {
    const rows = readFileSync(join(out, 'methods.csv'), 'utf8').trim().split('\n');
    expect(rows[0]).toBe('set,phase,missing,level,rate,method,measure,mean,deviation,seeds');
    // Three rates in testing, two in training.
    expect(rows).toHaveLength(1 + 48 * 3 + 48 * 2);
    expect(rows.every((row) => row.split(',').length === 10)).toBe(true);
  });

  it('writes one page that needs no server and no other file', () => {
    const page = readFileSync(join(out, 'methods.html'), 'utf8');
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import/);
    expect(page.match(/<polyline/g)).toHaveLength(96);
    expect(page).toContain('reliability of video=observed,text=observed');
    expect(page).toContain('TRML is');
    expect(page).not.toContain('NaN');
  });

  it('says the same in Markdown', () => {
    const page = readFileSync(join(out, 'methods.md'), 'utf8');
    expect(page).toMatch(/- Everything observed: TRML is /);
    expect(page).toMatch(/\| trml \| \d\.\d{3} ± /);
    expect(page).toMatch(/missing at 100 %: (TRML closes|zeros lose nothing)/);
  });

  it('trains nothing twice, and gives the same', async () => {
    const before = stamps();
    const first = readFileSync(join(out, 'methods.csv'), 'utf8');
    await runSweep(options());
    expect(stamps()).toEqual(before);
    expect(readFileSync(join(out, 'methods.csv'), 'utf8')).toBe(first);
  });

  it('makes again what is broken, to the same numbers', async () => {
    const before = readFileSync(join(out, 'methods.csv'), 'utf8');
    const name = readdirSync(join(out, 'units')).find((file) => !file.startsWith('tune')) ?? '';
    writeFileSync(join(out, 'units', name), '{"set":');
    await runSweep(options());
    expect(readFileSync(join(out, 'methods.csv'), 'utf8')).toBe(before);
  });

  it('trains nothing again for more rates, and measures what training from the start measures', async () => {
    const grown = join(root, 'grown');
    const testing = options({ out: grown, cache: join(out, 'embeddings'), seeds: [1], phases: ['testing'] });
    const csv = (folder: string): string => readFileSync(join(folder, 'methods.csv'), 'utf8');
    await runSweep({ ...testing, rates: [0, 1] });
    const trained = stamps(join(grown, 'models'));
    expect(Object.keys(trained)).toHaveLength(3);
    const units = readdirSync(join(grown, 'units'));
    await runSweep({ ...testing, rates: [0, 0.5, 1] });
    expect(stamps(join(grown, 'models'))).toEqual(trained);
    expect(readdirSync(join(grown, 'units'))).toEqual(units);

    const fresh = join(root, 'fresh');
    await runSweep({ ...testing, rates: [0, 0.5, 1], out: fresh });
    expect(csv(grown)).toBe(csv(fresh));
    const before = stamps(join(grown, 'units'));
    await runSweep({ ...testing, rates: [0.5] });
    expect(stamps(join(grown, 'units'))).toEqual(before);

    // What is not kept, or not whole, is trained again.
    const [first = '', second = ''] = Object.keys(trained);
    rmSync(join(grown, 'models', first));
    writeFileSync(join(grown, 'models', second), 'cut short');
    await runSweep({ ...testing, rates: [0, 0.25, 0.5, 1] });
    await runSweep({ ...testing, rates: [0, 0.25, 0.5, 1], out: fresh });
    expect(csv(grown)).toBe(csv(fresh));
    const again = stamps(join(grown, 'models'));
    expect(Object.keys(trained).filter((name) => again[name] !== trained[name])).toEqual([first, second]);
  });

  it('refuses a folder where the report goes before anything is trained', async () => {
    const taken = join(root, 'taken');
    mkdirSync(join(taken, 'methods.csv'), { recursive: true });
    await expect(runSweep(options({ out: taken }))).rejects.toMatchObject({ code: 'out_unwritable' });
    expect(readdirSync(taken)).toEqual(['methods.csv']);
  });

  it('shares the work between parts', async () => {
    const parts = join(root, 'parts');
    const shared = options({
      out: parts,
      cache: join(out, 'embeddings'),
      methods: ['video-only'],
      phases: ['testing'],
    });
    const done = (): number => readdirSync(join(parts, 'units')).filter((file) => !file.startsWith('tune')).length;
    for (const index of [0, 1]) {
      const { report } = await runSweep({ ...shared, part: { index, count: 2 } });
      expect(report).toBeUndefined();
      expect(done()).toBe(2 * (index + 1));
    }
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new DOMException('stop', 'AbortError'));
    await expect(runSweep(options({ out: join(root, 'stopped'), signal }))).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  it.each([
    ['set', { sets: ['nothing'] }],
    ['method', { methods: ['nothing'] }],
  ])('names an unknown %s', async (_, more) => {
    await expect(runSweep(options(more))).rejects.toMatchObject({ code: 'sweep_unknown', exitCode: 2 });
  });
});

describe('composed clips', { timeout: 120_000 }, () => {
  const rowsOf = ({ video, dimension }: ClipTable): Set<string> =>
    new Set(
      Array.from({ length: video.length / dimension }, (_, i) =>
        video.subarray(i * dimension, (i + 1) * dimension).join(),
      ),
    );

  it('are tested on the same clips for every seed, trained on others, and share no face', async () => {
    const { recipe, data, clips } = options();
    const set = await composedSet({ model, recipe, data, clips, cache: join(out, 'embeddings'), skipBad: false });
    const [one, other] = [1, 2].map((seed) => set.folds(seed)[0] as Fold) as [Fold, Fold];
    expect(one.test).toEqual(other.test);
    expect(one.train).not.toEqual(other.train);
    expect([one.train.n, one.test.n]).toEqual([60, 40]);
    const trained = rowsOf(one.train);
    expect([...rowsOf(one.test)].filter((face) => trained.has(face))).toEqual([]);
    expect(set.folds(1, 2)[0]?.train.slots).toBe(2);
  });
});

describe('composed clips of other pictures', { timeout: 120_000 }, () => {
  it('are another set, and meet no embeddings of the pictures that had their ids before', async () => {
    const { recipe, data, clips } = options();
    const cache = join(root, 'of-pictures');
    const other = join(root, 'other-pictures');
    cpSync(data, other, { recursive: true });
    const table = join(other, 'faces-fer2013', 'index.csv');
    const [header = '', ...rows] = readFileSync(table, 'utf8').trim().split('\n');
    const cells = rows.map((row) => row.split(','));
    const shown = cells.map(([, , ...rest], i) => [...(cells[(i + 1) % cells.length] ?? []).slice(0, 2), ...rest]);
    writeFileSync(table, [header, ...shown.map((row) => row.join(','))].join('\n'));
    const open = (folder: string) => composedSet({ model, recipe, data: folder, clips, cache, skipBad: false });
    const [before, after] = [await open(data), await open(other)];
    expect(after.fingerprint).not.toBe(before.fingerprint);
    const [old, now] = [before, after].map((set) => set.folds(1)[0]?.train);
    expect(now?.sentiment).toEqual(old?.sentiment);
    expect(now?.video).not.toEqual(old?.video);
    expect((await open(data)).fingerprint).toBe(before.fingerprint);
  });
});

describe('the inference heads on pairs', { timeout: 120_000 }, () => {
  const matrix = (file: string, rows: number, columns: number, data: Float32Array): string => {
    const path = join(root, file);
    writeFileSync(path, npy(npyHeader(rows, columns), data));
    return path;
  };

  it('are trained and measured beside chance and the raw embeddings', async () => {
    const draw = random('pairs test');
    const image = Float32Array.from({ length: 20 * 16 }, () => draw.normal());
    // Two noisy texts of each image.
    const text = Float32Array.from({ length: 40 * 16 }, (_, i) => {
      const [row, k] = [Math.floor(i / 16), i % 16];
      return (image[Math.floor(row / 2) * 16 + k] ?? 0) + 0.3 * draw.normal();
    });
    const { report } = await runSweep(
      options({ phases: ['testing'], pairs: [matrix('image.npy', 20, 16, image), matrix('text.npy', 40, 16, text)] }),
    );
    expect(report?.pairs.map(({ title }) => title)).toEqual([
      expect.stringMatching(/20 images with 2 texts each.*matching alone/),
      expect.stringMatching(/pull of 1/),
    ]);
    expect(report?.pairs[0]?.metrics['virtual_video_n']?.mean).toBe(4);
    expect(report?.pairs[0]?.metrics['virtual_video_raw_r1']?.mean).toBeGreaterThan(0.9);
    expect(readFileSync(join(out, 'methods.html'), 'utf8')).toContain('Pairs of another space');
  });

  it('refuse matrices that do not fit', async () => {
    const pairs = [
      matrix('three.npy', 3, 2, new Float32Array(6)),
      matrix('four.npy', 4, 2, new Float32Array(8)),
    ] as const;
    await expect(runSweep(options({ phases: ['testing'], pairs }))).rejects.toMatchObject({ code: 'data_columns' });
  });
});
