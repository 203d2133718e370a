import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { drawBackground } from '../../../training/augment/background.ts';
import { ownSplit } from '../../../training/datasets/own-split.ts';
import { compareBundles, formatComparison } from '../../../training/evaluation/compare-bundles.ts';
import { evaluateNamed } from '../../../training/evaluation/evaluate-named.ts';
import { evaluate, type EvaluateOptions, type EvaluationResult } from '../../../training/evaluation/evaluate.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';
import { folderOf } from '../datasets/folder.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-evaluate-'));
let model: LocalModel;
let bundle: string;
const jpegs: Buffer[] = [];

beforeAll(async () => {
  bundle = (await writeTinyBundle({ dir: join(root, 'tiny') })).dir;
  model = await loadLocalModel({ bundle });
  for (let seed = 0; seed < 4; seed++) {
    const raw = { width: 64, height: 64, channels: 3 } as const;
    jpegs.push(
      await sharp(drawBackground(random('face', seed), 64), { raw })
        .jpeg()
        .toBuffer(),
    );
  }
});
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

async function evaluated(dataset: string, data: string, { missing = {}, ...options }: Partial<EvaluateOptions> = {}) {
  const [result] = await evaluateNamed({ model, dataset, data, split: 'val', ...options }, [missing]);
  return result as EvaluationResult;
}

const whole = (i: number): Buffer => jpegs[i] as Buffer;
const BROKEN: Readonly<Record<string, () => Uint8Array>> = {
  'an empty file': () => new Uint8Array(),
  'no image': () => new TextEncoder().encode('not an image at all'),
  'a truncated JPEG': () => whole(3).subarray(0, whole(3).length / 2),
};

function faces(broken: Readonly<Record<string, Uint8Array>> = {}) {
  const all = { 'val/happy/a.jpg': whole(0), 'val/neutral/b.jpg': whole(1), 'val/sad/c.jpg': whole(2), ...broken };
  return Object.fromEntries(Object.entries(all).map(([name, bytes]) => [`fer2013/${name}`, bytes]));
}

/** The recipe's texts, a few of each set. */
function texts(): Record<string, string> {
  const mmsa = 'video_id,clip_id,text,label,mode\nv,1,so happy,2,valid\nv,2,so sad,-2,valid\nv,3,a day,0,valid\n';
  const meld = 'Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID';
  return {
    'goemotions/dev.tsv': 'so happy\t17\ta\nso sad\t25\tb\n',
    'sst/sst5.dev.txt': '0 so sad\n4 so happy\n',
    'mosi/label.csv': mmsa,
    'mosei/label.csv': mmsa,
    'meld/dev_sent_emo.csv': `${meld}\nso happy,A,joy,positive,0,0\nso sad,A,sadness,negative,0,1\n`,
  };
}

describe('an image that cannot be read', () => {
  it.each(Object.keys(BROKEN))('is told with its id; skipping, it is left out and counted: %s', async (kind) => {
    const data = await folderOf(faces({ 'val/sad/x.jpg': BROKEN[kind]?.() ?? new Uint8Array() }));
    const sound = await folderOf(faces());
    for (const faceHeight of [undefined, 0.5]) {
      await expect(evaluated('fer2013', data, { faceHeight })).rejects.toMatchObject({
        code: 'data_image',
        message: expect.stringMatching(/^image val\/sad\/x\.jpg: .* --skip-bad\)$/) as unknown,
      });
      const told: string[] = [];
      const onBad = ({ message }: Error): void => void told.push(message);
      const result = await evaluated('fer2013', data, { faceHeight, skipBad: true, onBad });
      expect(result).toMatchObject({ n: 3, insufficient: 0, skipped: 1 });
      expect(told).toEqual([expect.stringMatching(/^image val\/sad\/x\.jpg: /)]);
      expect(told.join()).not.toContain('--skip-bad');
      expect(result.metrics).toEqual((await evaluated('fer2013', sound, { faceHeight })).metrics);
    }
  });

  it.each(Object.keys(BROKEN))('is no face of a composed clip: %s', { timeout: 60_000 }, async (kind) => {
    const data = await folderOf({ ...faces({ 'val/angry/x.jpg': BROKEN[kind]?.() ?? new Uint8Array() }), ...texts() });
    await expect(evaluated('composed', data)).rejects.toMatchObject({
      code: 'data_image',
      message: expect.stringMatching(/^image val\/angry\/x\.jpg: .* --skip-bad\)$/) as unknown,
    });
    const result = await evaluated('composed', data, { skipBad: true });
    expect(result).toMatchObject({ n: 3000, skipped: 1 });
    const sound = await evaluated('composed', await folderOf({ ...faces(), ...texts() }));
    expect(result.metrics).toEqual(sound.metrics);
  });
});

describe('options', () => {
  it.each(['fer2013', 'composed'])('of a modality that the bundle lacks are refused for %s', async (dataset) => {
    const data = await folderOf({ ...faces(), ...texts() });
    await expect(evaluated(dataset, data, { missing: { audio: 0.9 } })).rejects.toMatchObject({
      code: 'unknown_modality',
      exitCode: 2,
    });
  });

  it.each<[string, Partial<EvaluateOptions>, string]>([
    ['composed', { faceHeight: 0.3 }, '--face-height'],
    ['composed', { backgrounds: 'mvsa' }, '--backgrounds'],
    ['composed', { spoken: 0.1 }, '--spoken'],
    ['pictures', { faceHeight: 0.3 }, '--face-height'],
    ['pictures', { backgrounds: 'mvsa' }, '--backgrounds'],
    ['pictures', { missing: { video: 1 } }, '--missing'],
    ['pictures', { spoken: 0.1 }, '--spoken'],
    ['fer2013', { spoken: 0.1 }, '--spoken'],
    ['mosi', { faceHeight: 0.3 }, '--face-height'],
    ['mosi', { backgrounds: 'mvsa' }, '--backgrounds'],
  ])('that change nothing of %s are refused: %j', async (dataset, options, name) => {
    const data = await folderOf({ ...faces(), ...texts() });
    await expect(evaluated(dataset, data, options)).rejects.toMatchObject({
      code: 'eval_option',
      exitCode: 2,
      message: expect.stringContaining(name) as unknown,
    });
  });
});

describe('pictures behind faces', () => {
  const rows = (ids: readonly string[]): string =>
    ids.map((id) => `${id},0,${whole(3).length},day ${id},neutral,neutral,neutral,train\n`).join('');
  const mvsa = (ids: readonly string[]): Record<string, string | Uint8Array> => ({
    'mvsa/pairs.csv': `id,offset,length,text,text_label,image_label,joint_label,split\n${rows(ids)}`,
    'mvsa/images.bin': whole(3),
  });
  const ids = Array.from({ length: 400 }, (_, i) => String(i));

  it('are those of the data set that is named, and other ones than those that are drawn', async () => {
    const data = await folderOf({ ...faces(), ...mvsa(ids) });
    const named = await evaluated('fer2013', data, { faceHeight: 0.5, backgrounds: 'mvsa' });
    expect(named).toMatchObject({ n: 3, face_height: 0.5, backgrounds: 'mvsa' });
    expect(await evaluated('fer2013', data, { faceHeight: 0.5 })).toMatchObject({ n: 3, backgrounds: 'drawn' });
  });

  it.each<[what: string, Partial<EvaluateOptions>, message: RegExp]>([
    ['without faces before them', { backgrounds: 'mvsa' }, /^--backgrounds changes nothing without --face-height/],
    ['of a set of texts', { backgrounds: 'meld', faceHeight: 0.5 }, /^--backgrounds meld: no picture of it/],
    ['that only training uses', { backgrounds: 'mvsa', faceHeight: 0.5 }, /^--backgrounds mvsa: no picture of it/],
  ])('%s are refused', async (_, options, message) => {
    const meld = 'Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID\nso happy,A,joy,positive,0,0\n';
    const trained = ids.filter((id) => ownSplit(id) === 'train');
    const data = await folderOf({ ...faces(), ...mvsa(trained), 'meld/train_sent_emo.csv': meld });
    await expect(evaluated('fer2013', data, options)).rejects.toMatchObject({
      code: 'eval_option',
      exitCode: 2,
      message: expect.stringMatching(message) as unknown,
    });
  });
});

describe('spoken texts', () => {
  it('are what a recogniser would have put down, the same for a seed', async () => {
    const ofTexts = async (...said: string[]): Promise<string> => {
      const rows = said.map((text, i) => `v,${i},"${text}",${i - 1},valid\n`);
      return folderOf({ 'mosi/label.csv': `video_id,clip_id,text,label,mode\n${rows.join('')}` });
    };
    const data = await ofTexts('I AM so HAPPY, really!', '...so sad?', 'Quite a (good) day');
    const plain = await ofTexts('i am so happy really', 'so sad', 'quite a good day');
    const written = await evaluated('mosi', data);
    const spoken = await evaluated('mosi', data, { spoken: 0 });
    const misheard = await evaluated('mosi', data, { spoken: 1 });
    expect(spoken).toMatchObject({ n: 3, spoken: 0 });
    expect(spoken.metrics).toEqual((await evaluated('mosi', plain)).metrics);
    expect(new Set([written, spoken, misheard].map(({ metrics }) => metrics['MAE'])).size).toBe(3);
    expect(await evaluated('mosi', data, { spoken: 1 })).toEqual(misheard);
  });
});

describe('the report', () => {
  const mosi = (training: string): Record<string, string> => ({
    'mosi/label.csv': `video_id,clip_id,text,label,mode\nv,1,so sad,-2,${training}\nv,2,so happy,2,valid\nv,3,a day,1,valid\n`,
  });

  it.each(['train', 'Train', 'TRAINING'])('has its baseline from the training split, named %s', async (name) => {
    const result = await evaluated('mosi', await folderOf(mosi(name)));
    expect(result.baseline).toMatchObject({ MAE: 3.5, Non0_acc_2: 0 });
    expect(result).not.toHaveProperty('baseline_from');
  });

  it('says that it comes from the evaluated split where there is no training split', async () => {
    const data = await folderOf(mosi('test'));
    const result = await evaluated('mosi', data);
    expect(result).toMatchObject({ baseline_from: 'val', baseline: { MAE: 0.5 } });
    const comparison = await compareBundles({ bundles: [bundle], dataset: 'mosi', data, split: 'val' });
    expect(comparison.baseline_from).toBe('val');
    expect(formatComparison(comparison)).toContain('| trivial, of val itself |');
  });

  it('has one trivial row for the same samples, whatever the heads give that are fed zeros', () => {
    const row = (foundation: string, zeros: number) => ({
      bundle: `${foundation} 1.0.0`,
      foundation,
      n: 5,
      insufficient: 0,
      missing: {},
      metrics: { MAE: 1 },
      baseline: { MAE: 2, zeros_MAE: zeros },
    });
    const rows = [row('one', 3), row('other', 4)];
    const table = formatComparison({ dataset: 'composed', split: 'val', seed: 0, rows, baseline: {} });
    expect(table.split('\n').filter((line) => line.includes('trivial'))).toEqual(['| trivial |  | nothing | 5 | 2 |']);
  });

  it('says how many clips it does not read', async () => {
    const data = await folderOf({ ...mosi('valid'), 'mosi/Raw/v/1.mp4': 'a clip' });
    expect(await evaluated('mosi', data)).toMatchObject({ clips_not_read: 1 });
    expect(await evaluated('mosi', await folderOf(mosi('valid')))).not.toHaveProperty('clips_not_read');
    const comparison = await compareBundles({ bundles: [bundle], dataset: 'mosi', data, split: 'val' });
    expect(comparison.clips_not_read).toBe(1);
  });

  it('names the level where something is missing', async () => {
    const data = await folderOf({ ...faces(), ...texts() });
    for (const dataset of ['fer2013', 'composed']) {
      const lost = { missing: { video: 0.5 }, missingLevel: 'slot' } as const;
      expect(await evaluated(dataset, data, lost)).toMatchObject({ missing_level: 'slot' });
      expect(await evaluated(dataset, data, { missing: { video: 0 } })).not.toHaveProperty('missing_level');
    }
    const options = { bundles: [bundle], dataset: 'fer2013', data, split: 'val', missing: { video: 0.5 } };
    const { rows } = await compareBundles(options);
    expect(rows.map(({ missing_level }) => missing_level)).toEqual([undefined, 'sample']);
    expect(formatComparison(await compareBundles({ ...options, missingLevel: 'slot' }))).toContain(
      '| video 50 % of the slots |',
    );
    // Not as much as all, and not as little as nothing.
    for (const [share, told] of [
      [0.995, '| video 99.5 % |'],
      [0.004, '| video 0.4 % |'],
    ] as const)
      expect(formatComparison(await compareBundles({ ...options, missing: { video: share } }))).toContain(told);
  });

  it('is the same for each of several losses, for which the samples are encoded once', async () => {
    const data = await folderOf(faces());
    const losses = [{}, { video: 0.5 }];
    let images = 0;
    const counting: LocalModel = {
      ...model,
      encodeImages: (modality, shown, choice) => {
        images += shown.length;
        return model.encodeImages(modality, shown, choice);
      },
    };
    const results = await evaluateNamed({ model: counting, dataset: 'fer2013', data, split: 'val' }, losses);
    expect(images).toBe(3);
    for (const [i, missing] of losses.entries())
      expect(results[i]).toEqual(await evaluated('fer2013', data, { missing }));
  });

  it('loses other samples in every part of a long split', async () => {
    const said = Array.from({ length: 1024 }, (_, i) => `so happy\t17\t${i}\n`).join('');
    const predicted: number[] = [];
    const counting: LocalModel = {
      ...model,
      predictBatch: (windows) => {
        predicted.push(windows.length);
        return model.predictBatch(windows);
      },
    };
    const data = await folderOf({ 'goemotions/dev.tsv': said });
    const options = { model: counting, dataset: 'goemotions', data, split: 'val', missing: { text: 0.5 } };
    const { n, insufficient } = await evaluate(options);
    expect(n + insufficient).toBe(1024);
    expect(n / 1024).toBeCloseTo(0.5, 1);
    expect(new Set(predicted).size).toBe(2);
  });

  it('counts a blank text as none, and has its baseline over what is predicted', async () => {
    const header = 'id,offset,length,text,text_label,image_label,joint_label,split';
    const row = (id: number, text: string, label: string): string =>
      `${id},0,${whole(0).length},${text},${label},${label},${label},train`;
    const data = await folderOf({
      'pairs.csv': `${[header, row(1, 'so happy', 'positive'), row(2, '', 'negative'), row(3, '" "', 'negative')].join('\n')}\n`,
      'images.bin': whole(0),
    });
    const result = await evaluated('mvsa', data, { split: 'train', missing: { video: 1 } });
    expect(result).toMatchObject({ n: 1, insufficient: 2, skipped: 0, baseline: { accuracy: 0 } });
  });
});
