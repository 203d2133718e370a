import { cpSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { greyPng } from '../../../training/datasets/grey-png.ts';
import { readSafetensors, writeSafetensors } from '../../../training/engine/safetensors.ts';
import { readPreparedClips } from '../../../training/prepared/prepared-clips.ts';
import { prepareData } from '../../../training/prepare/prepare-data.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import { preparedSet } from '../../../training/sweep/sets/prepared-set.ts';
import type { Fold } from '../../../training/sweep/sweep-set.ts';
import { tuningFold } from '../../../training/sweep/tune.ts';
import { sweep, type SweepOptions } from '../../../training/sweep/sweep.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-prepared-set-'));
let model: LocalModel;
/** The encoders of the tests' bundle were not trained. */
const encodersSaw: readonly string[] = [];

beforeAll(async () => {
  model = await loadLocalModel({ bundle: (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir });
});
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

/** Prepares a manifest of pairs, `train` but for the last third, scored by their number plus `shift`. */
async function prepared({ n = 12, shift = 0, shade = 9 } = {}): Promise<string> {
  const data = join(root, 'clips');
  mkdirSync(data, { recursive: true });
  const lines = Array.from({ length: n }, (_, i) => {
    writeFileSync(join(data, `${i}.png`), greyPng(8, 8, new Uint8Array(64).fill(i * shade)));
    const split = i < (2 * n) / 3 ? 'train' : 'val';
    return JSON.stringify({ id: `${i}`, split, image: `${i}.png`, text: `day ${i}`, score: (i % 3) - 1 + shift });
  });
  writeFileSync(join(data, 'manifest.jsonl'), lines.join('\n'));
  const decode = () => Promise.reject(new Error('there are no clips'));
  return (await prepareData({ model, dataset: 'clips', data, out: join(root, 'prepared'), decode })).file;
}

function options(more: Partial<SweepOptions>): SweepOptions {
  return {
    model,
    recipe: smoke,
    data: root,
    out: join(root, 'out'),
    cache: join(root, 'cache'),
    sets: [],
    preset: 'methods',
    methods: ['text-only'],
    rates: [0, 1],
    seeds: [1],
    levels: ['sample'],
    phases: ['testing'],
    budget: { steps: 2, batch: 4, threads: 1 },
    clips: { train: 0, test: 0 },
    ...more,
  };
}

describe('a prepared set', { timeout: 60_000 }, () => {
  it('names the methods that say nothing on it', async () => {
    const ablations = options({ sets: [await prepared()], preset: 'ablations', methods: ['slots-2', 'mean-pooling'] });
    const [report] = await sweep(ablations);
    expect(report?.methods.map(({ name }) => name)).toEqual(['trivial']);
    expect(report?.notes).toContain('left out, since its clips have no such frames or slots: mean-pooling, slots-2');
  });

  it.each<[what: string, saw: readonly string[] | undefined, notes: readonly string[]]>([
    ['these clips', ['mosi', 'clips'], ['the encoders were trained on the training split of clips, with its labels']],
    [
      'what is not known',
      undefined,
      ['the bundle, which an earlier version tuned, does not tell what its encoders were'],
    ],
    ['other data', ['mosi', 'clips (pairs, heads alone)'], []],
  ])('says what its encoders saw: %s', async (_, saw, notes) => {
    const [report] = await sweep(options({ sets: [await prepared()], encodersSaw: saw }));
    expect(report?.notes).toEqual(notes.map((note) => expect.stringContaining(note)));
  });

  it('is called by its path beside another one of its name', async () => {
    const one = await prepared();
    const other = join(root, 'moved.safetensors');
    cpSync(one, other);
    cpSync(`${one}.json`, `${other}.json`);
    expect((await sweep(options({ sets: [one] }))).map(({ name }) => name)).toEqual(['clips']);
    const both = await sweep(options({ sets: [one, other] }));
    expect(both.map(({ name }) => name)).toEqual([one, other]);
    expect(both[1]?.title).toMatch(/moved\.safetensors: clips, prepared/);
  });

  it('is planned under the name that it was asked for, by which another process opens it', async () => {
    const file = await prepared();
    const planned: string[] = [];
    await sweep(options({ sets: [file], onPlanned: (set) => void planned.push(set) }));
    expect(planned).toEqual([file]);
  });

  it('has another fingerprint with other labels, and with other pictures, but not when it is made again', async () => {
    const fingerprint = async (more: Parameters<typeof prepared>[0]): Promise<string> =>
      (await preparedSet(await prepared(more), { model, encodersSaw })).fingerprint;
    const first = await fingerprint({});
    expect(await fingerprint({})).toBe(first);
    expect(await fingerprint({ shift: 0.5 })).not.toBe(first);
    expect(await fingerprint({ shade: 19 })).not.toBe(first);
  });

  it.each([
    ['a file that is not there', join(root, 'nowhere.safetensors'), 'data_not_found'],
    ['an unknown name', 'compsoed', 'sweep_unknown'],
  ])('refuses %s before anything is trained', async (_, wrong, code) => {
    const planned: string[] = [];
    const swept = sweep(options({ sets: [await prepared(), wrong], onPlanned: (set) => void planned.push(set) }));
    await expect(swept).rejects.toMatchObject({ code });
    expect(planned).toEqual([]);
  });

  it('leaves out ablations of the number of slots, which it cannot have', async () => {
    const [report] = await sweep(
      options({ sets: [await prepared()], preset: 'ablations', methods: ['trml', 'slots-4'] }),
    );
    expect(report?.methods.map(({ name }) => name)).toEqual(['trml', 'trivial']);
  });

  it('says beside every number what the most frequent class and the mean score reach', async () => {
    const [report] = await sweep(options({ sets: [await prepared({ n: 15 })] }));
    const curve = report?.curves.find(({ method, measure }) => method === 'trivial' && measure === 'MAE');
    // Scores of -1, 0 and 1 in turns: the mean of the ten to train on is -0.1.
    const mae = [-1, 0, 1, -1, 0].map((_, i) => Math.abs(((i + 10) % 3) - 1 + 0.1)).reduce((a, b) => a + b) / 5;
    expect(curve?.points.map(({ value }) => value.mean)).toEqual([mae, mae].map((value) => expect.closeTo(value, 3)));
  });

  it('is tested on another split where one is named', async () => {
    const file = await prepared();
    expect((await preparedSet(file, { model, encodersSaw })).title).toBe(
      'clips, prepared: 8 clips of train to train on, 4 of val to test on',
    );
    const index = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
    index.clips[11].split = 'test';
    writeFileSync(`${file}.json`, JSON.stringify(index));
    const set = await preparedSet(file, { model, encodersSaw, split: 'test' });
    expect([set.title, set.folds(1)[0]?.test.n]).toEqual([expect.stringMatching('1 of test to test on'), 1]);
    await expect(preparedSet(file, { model, encodersSaw, split: 'tset' })).rejects.toMatchObject({
      code: 'data_split',
    });
    for (const split of ['train', 'training'])
      await expect(preparedSet(file, { model, encodersSaw, split })).rejects.toMatchObject({
        code: 'data_split',
        exitCode: 2,
      });
  });

  it('is tested on what training holds out where there is no validation split', async () => {
    const file = await prepared({ n: 60 });
    const index = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { clips: { split: string }[] };
    for (const clip of index.clips) clip.split = 'train';
    writeFileSync(`${file}.json`, JSON.stringify(index));
    const set = await preparedSet(file, { model, encodersSaw });
    const [own] = await readPreparedClips([file], model.info);
    const grouped = { groups: expect.any(Array) as string[] };
    const parts = { train: { ...own?.train, ...grouped }, test: { ...own?.val, ...grouped } };
    expect([own?.heldOut, set.folds(1)]).toEqual([true, [parts]]);
    expect(set.notes).toContainEqual(expect.stringContaining('no validation split is there'));
  });

  it('has an adapter fitted once to what is left of the texts, for all methods that read them', async () => {
    const file = await prepared({ n: 30 });
    const read: string[] = [];
    const tokenise: LocalModel['tokenise'] = (name, texts) => {
      read.push(texts.join());
      return model.tokenise(name, texts);
    };
    const swept = options({
      model: { ...model, tokenise },
      out: join(root, 'adapted'),
      sets: [file],
      adapter: 'lexical',
      methods: ['trml', 'zero-dropout', 'text-only', 'video-only'],
      rates: [0, 0.5, 1],
      phases: ['testing', 'training'],
    });
    await sweep(swept);
    const { train } = (await preparedSet(file, { model, encodersSaw })).folds(1)[0] as Fold;
    // To everything, to half, and to nothing; once more to what tuning trains on.
    expect(read.filter((texts) => texts === train.texts?.join())).toHaveLength(3);
    const { train: tuned } = tuningFold(await preparedSet(file, { model, encodersSaw }));
    expect(read.filter((texts) => texts === tuned.texts?.join())).toHaveLength(1);
  });

  it('knows which clips belong together', async () => {
    const file = await prepared();
    const index = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { clips: { group?: string }[] };
    const before = (await preparedSet(file, { model, encodersSaw })).fingerprint;
    for (const clip of index.clips.slice(0, 3)) clip.group = 'interview';
    writeFileSync(`${file}.json`, JSON.stringify(index));
    const set = await preparedSet(file, { model, encodersSaw });
    expect(set.folds(1)[0]?.train.groups?.slice(0, 5)).toEqual(['interview', 'interview', 'interview', '3', '4']);
    expect(set.fingerprint).not.toBe(before);
  });

  it('is measured by every kind of label that it has, the score first', async () => {
    const file = await prepared();
    const measures = async (): Promise<string[]> =>
      (await preparedSet(file, { model, encodersSaw })).measures.map(({ name }) => name);
    const scored = ['Non0_acc_2', 'MAE', 'Corr', 'Mult_acc_7'];
    expect(await measures()).toEqual(scored);
    const { tensors, metadata } = await readSafetensors(file);
    const put = async (name: string, value: number): Promise<void> => {
      tensors.get(name)?.fill(value);
      await writeSafetensors(file, { tensors, metadata });
    };
    await put('emotion', 1);
    const emotion = ['emotion_weighted_f1', 'emotion_accuracy'];
    expect(await measures()).toEqual([...scored, ...emotion]);
    // Sentiments of their own: no longer the signs of the scores.
    await put('sentiment', 1);
    const sentiment = ['sentiment_weighted_f1', 'sentiment_accuracy'];
    expect(await measures()).toEqual([...scored, ...emotion, ...sentiment]);
    await put('score', Number.NaN);
    expect(await measures()).toEqual([...emotion, ...sentiment]);
    await put('sentiment', -1);
    // The last third is tested.
    tensors.get('emotion')?.fill(-1, 8);
    await put('score', Number.NaN);
    await expect(measures()).rejects.toMatchObject({ code: 'sweep_labels' });
  });

  it('has no frame level where every clip is a picture, which stands in every slot', async () => {
    expect((await preparedSet(await prepared(), { model, encodersSaw })).levels).toEqual(['sample']);
  });

  it('leaves out clips of which there is nothing, and says how many have one modality alone', async () => {
    const file = await prepared();
    const { tensors, metadata } = await readSafetensors(file);
    // Two clips to train on lose their video, one its text, and one to test on both.
    for (const row of [0, 1, 11]) tensors.get('video_mask')?.fill(0, row * 2, row * 2 + 2);
    for (const row of [2, 11]) tensors.get('text_mask')?.fill(0, row, row + 1);
    await writeSafetensors(file, { tensors, metadata });
    const set = await preparedSet(file, { model, encodersSaw });
    expect(set.folds(1)[0]).toMatchObject({ train: { n: 8 }, test: { n: 3 } });
    expect(set.notes).toEqual([
      expect.stringMatching(/^2 of 12 clips have no video/),
      expect.stringMatching(/^1 of 12 clips have no text/),
      expect.stringMatching(/^1 of 12 clips have neither/),
    ]);
  });
});
