import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosine } from '../../../models/cosine.ts';
import type { Bundle } from '../../../models/bundle/bundle.ts';
import { readBundle } from '../../../models/bundle/read-bundle.ts';
import { loadLocalModel } from '../../../models/runtime/load-local-model.ts';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import { greyPng } from '../../../training/datasets/grey-png.ts';
import { calibrationMetrics } from '../../../training/evaluation/calibration-metrics.ts';
import { compareBundles } from '../../../training/evaluation/compare-bundles.ts';
import { evaluateNamed } from '../../../training/evaluation/evaluate-named.ts';
import { presencePattern } from '../../../training/evaluation/presence.ts';
import { prepareData } from '../../../training/prepare/prepare-data.ts';
import { readPrepared } from '../../../training/prepare/prepared-file.ts';
import { hashShare } from '../../../training/prepared/hash-share.ts';
import { readTrainedClips } from '../../../training/prepared/trained-clips.ts';
import { trainPrepared, type TrainPreparedOptions } from '../../../training/prepared/train-prepared.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import { takeRows } from '../../../training/sweep/clip-table.ts';
import { tableTruths } from '../../../training/sweep/table-truths.ts';
import { tableWindows } from '../../../training/sweep/table-windows.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-train-prepared-'));
let source: Bundle;
let file: string;

/** An adapter is fitted to words that several texts share. */
const HAPPY = ['so happy', 'happy again', 'happy at last'];
const SAD = ['what a sad day', 'sad again', 'sad at last'];

/** Happy words beside a bright picture score 2, sad ones beside a dark one -2; some clips lack a picture, some the words. */
function lineOf(i: number): string {
  const happy = i % 2 === 0;
  writeFileSync(join(root, 'clips', `${i}.png`), greyPng(8, 8, new Uint8Array(64).fill((happy ? 200 : 20) + (i % 30))));
  return JSON.stringify({
    id: `${i}`,
    split: i % 4 < 2 ? 'train' : 'val',
    ...(i % 7 === 0 ? {} : { image: `${i}.png` }),
    ...(i % 5 === 0 && i % 7 !== 0 ? {} : { text: (happy ? HAPPY : SAD)[Math.floor(i / 4) % 3] }),
    score: happy ? 2 : -2,
  });
}

async function prepared(bundle: Bundle, out: string): Promise<string> {
  const model = await loadLocalModel({ bundle: bundle.dir });
  const decode = () => Promise.reject(new Error('there are no clips'));
  try {
    return (await prepareData({ model, dataset: 'clips', data: join(root, 'clips'), out: join(root, out), decode }))
      .file;
  } finally {
    await model.close();
  }
}

beforeAll(async () => {
  mkdirSync(join(root, 'clips'));
  writeFileSync(join(root, 'clips', 'manifest.jsonl'), Array.from({ length: 160 }, (_, i) => lineOf(i)).join('\n'));
  source = await writeTinyBundle({ dir: join(root, 'tiny'), emotions: EMOTIONS });
  file = await prepared(source, 'prepared');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const train = (out: string, more: Partial<TrainPreparedOptions> = {}): Promise<string> =>
  trainPrepared({
    files: [file],
    bundle: source.dir,
    name: 'mine',
    recipe: smoke,
    steps: 60,
    out: join(root, out),
    threads: 1,
    ...more,
  });

/** A copy of the prepared file whose index is another. */
function changed(name: string, change: (clip: { id: string; split: string }) => void, table = file): string {
  const path = join(root, `${name}.safetensors`);
  copyFileSync(table, path);
  const index = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as { clips: { id: string; split: string }[] };
  for (const clip of index.clips) change(clip);
  writeFileSync(`${path}.json`, JSON.stringify(index));
  return path;
}

describe('heads trained on prepared clips', { timeout: 120_000 }, () => {
  it('are a bundle with the same encoders, that says what its clips say', async () => {
    const made = await readBundle(await train('run'));
    const { manifest } = made;
    expect([manifest.name, manifest.encoders_of?.sha256]).toEqual(['mine', source.sha256]);
    for (const encoder of ['image.onnx', 'text.onnx', 'tokenizer.json'])
      expect(manifest.files[encoder]).toBe(source.manifest.files[encoder]);
    expect(manifest.data.map(({ name, split, n }) => [name, split, n])).toEqual([
      ['clips', 'train', 80],
      ['clips', 'val', 80],
    ]);
    expect(Object.keys(manifest.calibration)).toContain('video=virtual,text=observed');
    const model = await loadLocalModel({ bundle: made.dir });
    const [everything, noVideo, noText] = await evaluateNamed({ model, dataset: file, data: '', split: 'val' }, [
      {},
      { video: 1 },
      { text: 1 },
    ]);
    await model.close();
    for (const result of [everything, noVideo]) expect(result?.metrics['MAE']).toBeLessThan(1.5);
    expect(everything?.baseline['MAE']).toBeCloseTo(2);
    expect(manifest.metrics.slice(0, 3).map(({ missing, n, metrics }) => [missing, n, metrics['MAE']])).toEqual([
      ['none', 80, everything?.metrics['MAE']],
      ['video', noVideo?.n, noVideo?.metrics['MAE']],
      ['text', noText?.n, noText?.metrics['MAE']],
    ]);
    const { rows } = await compareBundles({ bundles: [source.dir, made.dir], dataset: file, data: '', split: 'val' });
    expect(rows[1]?.metrics['MAE']).toBeLessThan(Number(rows[0]?.metrics['MAE']));
    expect(readFileSync(join(made.dir, 'MODEL_CARD.md'), 'utf8')).toContain(
      '`npx undertone train --prepared FILE --steps 60 --recipe smoke --bundle tiny@1.0.0 --name mine`, seed ',
    );
  });

  it('are calibrated on one half of the validation clips, and the errors of that measured on the other', async () => {
    const { manifest, dir } = await readBundle(await train('halves', { steps: 20 }));
    const halves = manifest.metrics.slice(3);
    expect(halves.map(({ dataset, missing }) => [dataset, missing])).toEqual(
      ['none', 'video', 'text'].map((missing) => ['clips, the half not calibrated on', missing]),
    );
    expect(halves[0]?.n).toBeGreaterThan(20);
    expect(halves[0]?.n).toBeLessThan(60);
    const model = await loadLocalModel({ bundle: dir });
    const { index, table } = await readPrepared(file);
    const other = index.clips.flatMap(({ id, split }, row) =>
      split === 'val' && hashShare('calibration', id) >= 0.5 ? [row] : [],
    );
    expect(other).toHaveLength(halves[0]?.n ?? 0);
    const clips = takeRows(table, other);
    const windows = tableWindows(model.info, clips);
    const predictions = await model.predictBatch(windows);
    const patterns = windows.map((window) => presencePattern(window, model.info.modalities));
    expect(halves[0]?.metrics).toEqual(
      calibrationMetrics(predictions, tableTruths(clips), patterns, manifest.calibration),
    );
    await model.close();
    expect(readFileSync(join(dir, 'MODEL_CARD.md'), 'utf8')).toContain('fitted on one half of these clips');
  });

  it('are calibrated on other groups of clips than those whose errors are measured', async () => {
    const talk = (clip: { id: string }): string => `talk ${Math.floor(Number(clip.id) / 20)}`;
    const path = changed('talks', (clip) => Object.assign(clip, { group: talk(clip) }));
    const { manifest } = await readBundle(await train('talks', { files: [path], steps: 2 }));
    const { index } = await readPrepared(path);
    const val = index.clips.filter(({ split }) => split === 'val');
    // Half of each talk is in the validation split.
    const other = val.filter((clip) => hashShare('calibration', talk(clip)) >= 0.5);
    expect([new Set(val.map(talk)).size, new Set(other.map(talk)).size]).toEqual([8, other.length / 10]);
    expect(manifest.metrics[3]).toMatchObject({ dataset: 'clips, the half not calibrated on', n: other.length });
  });

  it('hold a tenth out where there is no validation split, and say so', async () => {
    const stages: string[] = [];
    const path = changed('no-val', (clip) => (clip.split = 'train'));
    const onStage = (what: string): void => void stages.push(what);
    const { manifest, dir } = await readBundle(await train('held', { files: [path], steps: 5, onStage }));
    const [own, val] = manifest.data;
    expect([own?.split, val?.split]).toEqual(['train', 'val']);
    expect((own?.n ?? 0) + (val?.n ?? 0)).toBe(160);
    expect(val?.n).toBeGreaterThan(4);
    expect(val?.n).toBeLessThan(32);
    expect(manifest.metrics[0]).toMatchObject({ split: 'val', n: val?.n });
    expect(stages).toContain(`${path} has no validation split: ${val?.n} of its 160 training clips are held out`);
    expect(readFileSync(join(dir, 'MODEL_CARD.md'), 'utf8')).toContain('without a validation split here');
    // Evaluation finds the same clips, and tells them from those that were trained on, also under another split.
    const { rows, held_out_of: from } = await compareBundles({
      bundles: [source.dir, dir],
      dataset: path,
      data: '',
      split: 'valid',
    });
    expect([from, ...rows.map(({ n, trained_on: known }) => [n, known])]).toEqual([
      'train',
      [val?.n, undefined],
      [val?.n, undefined],
    ]);
    expect(rows[1]?.metrics).toEqual(manifest.metrics[0]?.metrics);
    expect(rows[1]?.baseline).toEqual(manifest.metrics[0]?.baseline);
    const all = { dataset: changed('all-val', (clip) => (clip.split = 'val')), data: '', split: 'val' };
    const model = await loadLocalModel({ bundle: dir });
    expect((await evaluateNamed({ model, ...all }))[0]).toMatchObject({ n: 160, trained_on: own?.n });
    const folder = { model, dataset: 'clips', data: join(root, 'clips'), split: 'val' };
    expect((await evaluateNamed(folder))[0]?.trained_on).toBeGreaterThan(40);
    await model.close();
    // What starts from these heads knows their clips, too.
    const further = await readBundle(await train('held-further', { bundle: dir, steps: 2, name: 'held-further' }));
    expect((await readTrainedClips(further.dir)).size).toBeGreaterThan(own?.n ?? 0);
  });

  it('come with an adapter of the text encoder that is fitted to their texts', async () => {
    const stages: string[] = [];
    const onStage = (what: string): void => void stages.push(what);
    const made = await readBundle(await train('adapted', { adapter: 'lexical', onStage }));
    expect(stages).toContain('fitting an adapter to the texts');
    const { manifest } = made;
    expect([manifest.encoders_of?.sha256, manifest.training['adapter']]).toEqual([source.sha256, 'lexical']);
    expect(manifest.files['text.onnx']).toBe(source.manifest.files['text.onnx']);
    const words = ['so happy', 'what a sad day', 'words of no training text'];
    const [plain, model] = [await loadLocalModel({ bundle: source.dir }), await loadLocalModel({ bundle: made.dir })];
    const own = await plain.encodeTexts('text', words);
    const moved = await model.encodeTexts('text', words);
    expect(await model.encodeTexts('text', words, { adapted: false })).toEqual(own);
    expect(await model.adaptTexts('text', words, own)).toEqual(moved);
    const row = (of: Float32Array, i: number): Float32Array =>
      of.subarray((i * of.length) / 3, ((i + 1) * of.length) / 3);
    expect(cosine(row(moved, 0), row(own, 0))).toBeLessThan(0.99);
    expect(cosine(row(moved, 0), row(moved, 1))).toBeLessThan(cosine(row(own, 0), row(own, 1)));
    const { embedding } = await model.encode('text', { kind: 'text', text: 'so happy' });
    expect(cosine(embedding, row(moved, 0))).toBeCloseTo(1, 5);
    // What was prepared holds the encoder's own embeddings, whoever prepares it.
    const again = await prepared(made, 'by-adapted');
    expect((await readPrepared(again)).table.text).toEqual((await readPrepared(file)).table.text);
    const [result] = await evaluateNamed({ model, dataset: file, data: '', split: 'val' });
    expect(result?.metrics['MAE']).toBe(manifest.metrics[0]?.metrics['MAE']);
    expect(result?.metrics['MAE']).toBeLessThan(Number(result?.baseline['MAE']));
    await Promise.all([plain.close(), model.close()]);
    const further = await readBundle(await train('further', { bundle: made.dir, steps: 2, name: 'further' }));
    expect(further.manifest.files['adapter.onnx']).toBe(manifest.files['adapter.onnx']);
    // An adapter is fitted to what the encoder itself gives, and takes the place of one that is there.
    const replaced = await readBundle(
      await train('replaced', { bundle: made.dir, steps: 2, name: 'replaced', adapter: 'lexical' }),
    );
    expect(replaced.manifest.files['adapter.onnx']).toBe(manifest.files['adapter.onnx']);
    expect(readFileSync(join(made.dir, 'MODEL_CARD.md'), 'utf8')).toContain('--steps 60 --adapter lexical');
  });

  it('go on where they were interrupted, to the same numbers', async () => {
    const stop = new AbortController();
    const onProgress: TrainPreparedOptions['onProgress'] = (_, { step }) => {
      if (step >= 20) stop.abort(new Error('stopped'));
    };
    await expect(train('again', { signal: stop.signal, onProgress })).rejects.toThrow('stopped');
    const heads = async (folder: string) => (await readBundle(folder)).manifest.files['heads.onnx'];
    const steps: number[] = [];
    const folder = await train('again', { onProgress: (_, { step }) => void steps.push(step) });
    expect(steps[0]).toBeGreaterThan(20);
    expect(await heads(folder)).toBe(await heads(await train('whole')));
  });

  it('stay as they are where a run that has finished is interrupted while it measures again', async () => {
    const before = await readBundle(await train('finished', { steps: 5 }));
    const stop = new AbortController();
    const onStage = (what: string): void => {
      if (what === 'calibrating and measuring') stop.abort(new Error('stopped'));
    };
    await expect(train('finished', { steps: 5, signal: stop.signal, onStage })).rejects.toThrow('stopped');
    expect((await readBundle(before.dir)).manifest).toEqual(before.manifest);
    expect(Object.keys(before.manifest.calibration)).not.toHaveLength(0);
    expect(existsSync(join(root, 'finished', 'exported'))).toBe(false);
  });

  it('are trained further from themselves, with what was prepared before and with what they prepare', async () => {
    const first = await readBundle(await train('first', { steps: 5 }));
    const second = await readBundle(await train('second', { bundle: first.dir, steps: 5, name: 'second' }));
    expect(second.manifest.training['starts_from']).toBe('mine@1.0.0');
    const third = await readBundle(
      await train('third', { bundle: second.dir, files: [await prepared(second, 'prepared')], steps: 5 }),
    );
    expect(third.manifest.encoders_of?.sha256).toBe(source.sha256);
    expect(third.manifest.training['encoders_saw']).toEqual(source.manifest.data.map(({ name }) => name));
    // What a bundle of an earlier version does not tell, one that is made of it does not claim to know.
    const path = join(second.dir, 'manifest.json');
    const older = JSON.parse(readFileSync(path, 'utf8')) as { training: Record<string, unknown> };
    delete older.training['encoders_saw'];
    writeFileSync(path, JSON.stringify(older));
    const fourth = await readBundle(await train('fourth', { bundle: second.dir, steps: 5 }));
    expect(fourth.manifest.training).not.toHaveProperty('encoders_saw');
  });

  it('start from those of the bundle unless they are drawn anew, and say which clips they can know', async () => {
    const first = await readBundle(await train('known', { steps: 5 }));
    const heads: (string | undefined)[] = [];
    const cards: string[] = [];
    for (const anew of [false, true]) {
      const made = await readBundle(
        await train(`known-${anew}`, { bundle: first.dir, name: 'further', steps: 2, anew }),
      );
      heads.push(made.manifest.files['heads.onnx']);
      cards.push(readFileSync(join(made.dir, 'MODEL_CARD.md'), 'utf8').replaceAll(/\s+/g, ' '));
      const { starts_from: from, start_saw: saw, bundle } = made.manifest.training;
      expect([from, saw]).toEqual(anew ? [null, undefined] : ['mine@1.0.0', ['clips']]);
      expect(bundle).toBe('mine@1.0.0');
    }
    expect(heads[0]).not.toBe(heads[1]);
    expect(cards[0]).toContain('heads that it started from were trained on clips, too');
    expect(cards[0]).not.toContain('labels no training saw');
    expect(cards[1]).toContain('--steps 2 --anew --recipe smoke --bundle mine@1.0.0 --name further`');
    expect(cards[1]).toContain('On validation splits whose labels no training saw');
    await expect(
      train('known-false', { bundle: first.dir, name: 'further', steps: 2, anew: true }),
    ).rejects.toMatchObject({ code: 'checkpoint_mismatch' });
  });

  it.each<[code: string, what: () => Promise<Partial<TrainPreparedOptions>>]>([
    [
      'sweep_bundle',
      async () => ({ bundle: (await writeTinyBundle({ dir: join(root, 'other'), seed: 2, emotions: EMOTIONS })).dir }),
    ],
    ['data_split', async () => ({ files: [changed('no-train', (clip) => (clip.split = 'test'))] })],
    [
      'adapter_texts',
      async () => ({
        files: [changed('no-texts', (clip) => delete (clip as { text?: string }).text)],
        adapter: 'lexical',
      }),
    ],
    ['data_not_found', async () => ({ files: [join(root, 'none.safetensors')] })],
    [
      'prepared_shape',
      async () => {
        const bundle = await writeTinyBundle({ dir: join(root, 'moods') });
        return { bundle: bundle.dir, files: [await prepared(bundle, 'moods-prepared')] };
      },
    ],
  ])('are refused with %s', async (code, what) => {
    await expect(train(`refused-${code}`, await what())).rejects.toMatchObject({ code });
  });

  it('see the clips of a file once that is named twice', async () => {
    const { manifest } = await readBundle(
      await train('twice', { files: [file, `${root}/./prepared/${basename(file)}`], steps: 2 }),
    );
    expect(manifest.data.map(({ n }) => n)).toEqual([80, 80]);
  });

  it('see no clip that another file validates on', async () => {
    const other = changed('resplit', (clip) => (clip.split = Number(clip.id) < 120 ? 'train' : 'val'));
    const said: string[] = [];
    const files = [file, other];
    const { manifest, dir } = await readBundle(
      await train('resplit-run', { files, steps: 2, onStage: (what) => said.push(what) }),
    );
    // Of 160 clips two of every four are trained on in one file, the first 120 in the other.
    expect(manifest.data.map(({ n }) => n)).toEqual([60, 80, 60, 40]);
    expect(said).toContain(`${file}: 20 of its training clips are left out, since another file validates on them`);
    const model = await loadLocalModel({ bundle: dir });
    for (const dataset of files)
      expect((await evaluateNamed({ model, dataset, data: '', split: 'val' }))[0]).not.toHaveProperty('trained_on');
    await model.close();
  });

  it('take clips without words for the same by what they show', async () => {
    const alone = (name: string, bright: (i: number) => number): Promise<string> => {
      const lines = Array.from({ length: 8 }, (_, i) => {
        writeFileSync(join(root, 'clips', `${i}.png`), greyPng(8, 8, new Uint8Array(64).fill(bright(i))));
        return JSON.stringify({
          id: `${i}`,
          split: i < 4 === (name === 'one') ? 'train' : 'val',
          image: `${i}.png`,
          score: 1,
        });
      });
      writeFileSync(join(root, 'clips', 'manifest.jsonl'), lines.join('\n'));
      return prepared(source, `wordless-${name}`);
    };
    const one = await alone('one', (i) => 20 + 20 * i);
    const others = await alone('others', (i) => 30 + 20 * i);
    const { manifest } = await readBundle(await train('wordless', { files: [one, others], steps: 2 }));
    expect(manifest.data.map(({ n }) => n)).toEqual([4, 4, 4, 4]);
    const same = await alone('same', (i) => 20 + 20 * i);
    await expect(train('wordless-same', { files: [one, same] })).rejects.toMatchObject({
      code: 'prepared_labels',
      message: expect.stringContaining('beside the 4 that another file validates on') as unknown,
    });
  });

  it('tell two files of one data set apart in manifest and card', async () => {
    const other = changed('namesake', (clip) => {
      clip.id = `other ${clip.id}`;
      clip.split = 'train';
    });
    const { manifest, dir } = await readBundle(await train('namesakes', { files: [file, other], steps: 2 }));
    const names = [`clips (prepared/${basename(file)})`, 'clips (namesake.safetensors)'];
    expect(manifest.data.map(({ name }) => name)).toEqual(names.flatMap((name) => [name, name]));
    expect([...new Set(manifest.metrics.slice(0, 6).map(({ dataset }) => dataset))]).toEqual(names);
    expect(manifest.training['held_out']).toEqual(names.slice(1));
    expect(readFileSync(join(dir, 'MODEL_CARD.md'), 'utf8')).toContain(`| ${names[1]} | val |`);
  });

  it('need labels', async () => {
    writeFileSync(
      join(root, 'clips', 'manifest.jsonl'),
      ['train', 'val'].map((split) => JSON.stringify({ id: split, split, text: 'so happy' })).join('\n'),
    );
    const unlabelled = await prepared(source, 'unlabelled');
    await expect(train('unlabelled-run', { files: [unlabelled] })).rejects.toMatchObject({ code: 'prepared_labels' });
  });

  it('need none of the validation clips, and then say that nothing is measured', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => ({
      id: `${i}`,
      split: i < 8 ? 'train' : 'val',
      text: i % 2 === 0 ? 'so happy' : 'a sad day',
      ...(i < 8 ? { score: 1 } : {}),
    }));
    writeFileSync(join(root, 'clips', 'manifest.jsonl'), lines.map((line) => JSON.stringify(line)).join('\n'));
    const half = await prepared(source, 'half-labelled');
    const said: string[] = [];
    const dir = await train('half-labelled-run', { files: [half], steps: 2, onStage: (what) => said.push(what) });
    expect(said.join('\n')).toContain(`${half}: no validation clip with anything in it has a label`);
    const { manifest } = await readBundle(dir);
    expect([manifest.metrics, manifest.calibration]).toEqual([[], {}]);
    expect(readFileSync(join(dir, 'MODEL_CARD.md'), 'utf8')).toContain('no validation clip has a label');
  });
});
