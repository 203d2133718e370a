import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { greyPng } from '../../../training/datasets/grey-png.ts';
import { compareBundles } from '../../../training/evaluation/compare-bundles.ts';
import { evaluateNamed } from '../../../training/evaluation/evaluate-named.ts';
import type { EvaluateOptions } from '../../../training/evaluation/evaluate.ts';
import { prepareData } from '../../../training/prepare/prepare-data.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-evaluate-prepared-'));
const data = join(root, 'clips');
let model: LocalModel;
let file: string;

/** Samples with more than a text; all of them are more than are predicted at once. */
const [SEEN, ALL] = [24, 700];
const EMOTIONS = ['happy', 'sad', 'neutral'];

/** Of every third sample the image is missing, of every fourth the text; half of the scores are none. */
function lineOf(i: number): string {
  if (i >= SEEN)
    return JSON.stringify({ id: `${i}`, split: 'valid', text: i % 3 === 0 ? 'so happy' : 'sad', score: 1 });
  writeFileSync(join(data, `${i}.png`), greyPng(8, 8, new Uint8Array(64).fill(i * 9)));
  return JSON.stringify({
    id: `${i}`,
    split: i % 2 === 0 ? 'train' : 'valid',
    ...(i % 3 === 0 ? {} : { image: `${i}.png` }),
    ...(i % 4 === 0 && i % 3 !== 0 ? {} : { text: i % 2 === 0 ? 'so happy' : `a sad day` }),
    ...(i % 5 === 0 ? { sentiment: 'positive' } : { score: (i % 7) / 2 - 1.5 }),
    emotion: EMOTIONS[i % 3],
  });
}

beforeAll(async () => {
  mkdirSync(data, { recursive: true });
  model = await loadLocalModel({ bundle: (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir });
  writeFileSync(join(data, 'manifest.jsonl'), Array.from({ length: ALL }, (_, i) => lineOf(i)).join('\n'));
  const decode = () => Promise.reject(new Error('there are no clips'));
  ({ file } = await prepareData({ model, dataset: 'clips', data, out: join(root, 'prepared'), decode }));
});
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

const evaluated = (dataset: string, { missing = {}, ...more }: Partial<EvaluateOptions> = {}) =>
  evaluateNamed({ model, dataset, data: '', split: 'val', ...more }, [missing]);

describe('a prepared file is evaluated as the data set that it was made of', { timeout: 60_000 }, () => {
  it.each<Partial<EvaluateOptions>>([
    {},
    { missing: { video: 1 } },
    { missing: { video: 0.5, text: 0.3 }, seed: 7 },
    { missing: { video: 0.5 }, missingLevel: 'slot', seed: 3 },
    { split: 'train', missing: { text: 1 } },
  ])('with %j', async (options) => {
    const [result] = await evaluated(file, options);
    expect(result).toEqual((await evaluated('clips', { ...options, data }))[0]);
    expect(Object.keys(result?.metrics ?? {})).toEqual(
      expect.arrayContaining(['MAE', 'Corr', 'sentiment_accuracy', 'emotion_weighted_f1']),
    );
    expect(Object.keys(result?.baseline ?? {})).toContain('MAE');
  });

  it('takes the baseline from the split itself where there is no training split, and says so', async () => {
    const index = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { clips: { split: string }[] };
    const before = JSON.stringify(index);
    index.clips = index.clips.map((clip) => ({ ...clip, split: clip.split === 'train' ? 'test' : clip.split }));
    writeFileSync(`${file}.json`, JSON.stringify(index));
    expect((await evaluated(file))[0]).toMatchObject({ baseline_from: 'val' });
    writeFileSync(`${file}.json`, before);
  });
});

describe('of samples without a label, nothing is measured and that is said', { timeout: 60_000 }, () => {
  it.each(['of the data set', 'of the prepared file'])('%s', async (what) => {
    const folder = join(root, what, 'clips');
    mkdirSync(folder, { recursive: true });
    const lines = ['train', 'test'].map((split) => ({ id: split, split, text: 'so happy' }));
    const labelled = { ...lines[0], score: 1 };
    writeFileSync(join(folder, 'manifest.jsonl'), [labelled, lines[1]].map((line) => JSON.stringify(line)).join('\n'));
    const decode = () => Promise.reject(new Error('there are no clips'));
    const made = await prepareData({ model, dataset: 'clips', data: folder, out: join(root, what), decode });
    const [dataset, from] = what === 'of the data set' ? ['clips', folder] : [made.file, ''];
    await expect(evaluated(dataset, { data: from, split: 'test' })).rejects.toMatchObject({
      code: 'eval_labels',
      message: expect.stringMatching(/no sample of test has a label \(score, sentiment, emotion\)/) as unknown,
    });
    expect((await evaluated(dataset, { data: from, split: 'train' }))[0]?.metrics['MAE']).toBeTypeOf('number');
  });
});

describe('of a prepared file is refused', { timeout: 60_000 }, () => {
  it('another bundle, of the same name too', async () => {
    for (const more of [{ name: 'other' }, { seed: 2 }]) {
      const { dir } = await writeTinyBundle({ dir: join(root, Object.keys(more).join()), slots: 2, ...more });
      const other = await loadLocalModel({ bundle: dir });
      const refused = evaluated(file, { model: other });
      await expect(refused).rejects.toMatchObject({ code: 'sweep_bundle', message: expect.stringContaining('tiny') });
      await other.close();
    }
  });

  it.each<[string, Partial<EvaluateOptions>, string]>([
    ['--data', { data: 'somewhere' }, 'eval_option'],
    ['--face-height', { faceHeight: 0.5 }, 'eval_option'],
    ['--spoken', { spoken: 0.1 }, 'eval_option'],
    ['--backgrounds', { backgrounds: 'mvsa' }, 'eval_option'],
    ['--skip-bad', { skipBad: true }, 'eval_option'],
    ['audio', { missing: { audio: 1 } }, 'unknown_modality'],
  ])('%s, as something that changes nothing', async (name, options, code) => {
    const message: unknown = expect.stringContaining(name);
    await expect(evaluated(file, options)).rejects.toMatchObject({ code, exitCode: 2, message });
  });

  it('a bundle with other encoders in a comparison', async () => {
    const { dir: other } = await writeTinyBundle({ dir: join(root, 'other'), slots: 2, seed: 2 });
    const compared = compareBundles({ bundles: [join(root, 'tiny'), other], dataset: file, data: '', split: 'val' });
    await expect(compared).rejects.toMatchObject({ code: 'sweep_bundle' });
  });

  it('a split that it does not hold', async () => {
    await expect(evaluated(file, { split: 'tset' })).rejects.toMatchObject({ code: 'data_split' });
  });

  it.each([-1, 1])('an index of %i clips more than are there', async (more) => {
    const index = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { clips: object[] };
    const clips = more < 0 ? index.clips.slice(0, more) : [...index.clips, index.clips[0]];
    writeFileSync(join(root, 'other.safetensors'), readFileSync(file));
    writeFileSync(join(root, 'other.safetensors.json'), JSON.stringify({ ...index, clips }));
    await expect(evaluated(join(root, 'other.safetensors'))).rejects.toMatchObject({ code: 'checkpoint_unreadable' });
  });

  it.each([
    ['a file that is not there', 'nowhere.safetensors', undefined, 'data_not_found'],
    ['an index that is no JSON', 'broken.safetensors', '{', 'checkpoint_unreadable'],
  ])('%s', async (_, name, index, code) => {
    if (index !== undefined) writeFileSync(join(root, `${name}.json`), index);
    if (index !== undefined) writeFileSync(join(root, name), readFileSync(file));
    await expect(evaluated(join(root, name))).rejects.toMatchObject({ code });
  });
});
