import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SENTIMENTS, type Prediction, type WindowInput } from '../../../models/model.ts';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { greyPng } from '../../../training/datasets/grey-png.ts';
import { evaluateComposed } from '../../../training/evaluation/evaluate-composed.ts';
import type { MissingRates } from '../../../training/evaluation/presence.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';
import { folderOf } from '../datasets/folder.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-evaluate-composed-'));
/** What is said, and its sentiment: the text tells that of a clip. */
const SAID = { 'so happy': 'positive', 'so sad': 'negative', 'a day': 'neutral' } as const;
let model: LocalModel;
let data: string;
let texts: Float32Array;

beforeAll(async () => {
  model = await loadLocalModel({ bundle: (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir });
  texts = await model.encodeTexts('text', Object.keys(SAID));
  const grey = (shade: number): Uint8Array => greyPng(48, 48, new Uint8Array(48 * 48).fill(shade));
  const mmsa = 'video_id,clip_id,text,label,mode\nv,1,so happy,2,valid\nv,2,so sad,-2,valid\nv,3,a day,0,valid\n';
  const meld = 'Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID';
  data = await folderOf({
    'fer2013/val/happy/a.png': grey(10),
    'fer2013/val/neutral/b.png': grey(100),
    'fer2013/val/sad/c.png': grey(200),
    'goemotions/dev.tsv': 'so happy\t17\ta\nso sad\t25\tb\n',
    'sst/sst5.dev.txt': '0 so sad\n4 so happy\n',
    'mosi/label.csv': mmsa,
    'mosei/label.csv': mmsa,
    'meld/dev_sent_emo.csv': `${meld}\nso happy,A,joy,positive,0,0\nso sad,A,sadness,negative,0,1\n`,
  });
}, 60_000);
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

/** Reads the sentiment off the text, and synthesises the very text that it is given. */
function oracle({ text }: WindowInput): Prediction {
  const said = text?.embeddings ?? new Float32Array();
  const at = [0, 1, 2].find((row) => said.every((value, k) => Math.abs(value - (texts[row * 16 + k] ?? 0)) < 1e-4));
  const sentiment = Object.values(SAID)[at ?? -1];
  return {
    score: 0,
    logVariance: 0,
    sentimentLogits: Float32Array.from(SENTIMENTS, (name) => (name === sentiment ? 9 : 0)),
    emotionLogits: Float32Array.of(0, 0, 0),
    virtual: { video: new Float32Array(16).fill(0.25), text: said },
    timing: { queueMs: 0, computeMs: 0 },
  };
}

/** Evaluates the oracle, and tells what it was asked: with what is missing, and with zeros for it. */
async function evaluated(missing: MissingRates, seed = 0) {
  const asked: (readonly WindowInput[])[] = [];
  const watched: LocalModel = {
    ...model,
    predictBatch: (windows) => {
      asked.push(windows);
      return Promise.resolve(windows.map((window) => oracle(window)));
    },
  };
  const result = await evaluateComposed({ model: watched, dataset: 'composed', data, split: 'val', missing, seed });
  const [windows = [], zeros = []] = asked;
  return { result, windows, zeros };
}

/** Names the embeddings of one modality, window by window. */
function embeddings(windows: readonly WindowInput[], name: string): string {
  const hash = createHash('sha256');
  for (const window of windows) hash.update(window[name]?.embeddings ?? new Float32Array());
  return hash.digest('hex');
}

it('composes the same clips whatever is missing, and others with another seed', { timeout: 60_000 }, async () => {
  const whole = await evaluated({});
  const noText = await evaluated({ text: 1 });
  const noVideo = await evaluated({ video: 1 });
  expect(whole.result.metrics).toMatchObject({ cosine_text: 1 });
  // What is made of a video that is missing is made of nothing.
  expect(noVideo.result.metrics).not.toHaveProperty('cosine_text');
  expect(whole.windows).toHaveLength(3000);
  expect(embeddings(noText.windows, 'video')).toEqual(embeddings(whole.windows, 'video'));
  expect(embeddings(noVideo.windows, 'text')).toEqual(embeddings(whole.windows, 'text'));
  expect(noText.windows.every(({ text }) => text?.mask.every((value) => value === 0))).toBe(true);
  const other = await evaluated({}, 1);
  expect(embeddings(other.windows, 'text')).not.toEqual(embeddings(whole.windows, 'text'));
});

it('measures every clip by its own labels and its own embeddings, where others have nothing left', async () => {
  const { result, windows } = await evaluated({ video: 1, text: 0.3 });
  expect(result.n).toBe(windows.length);
  expect(result.n + result.insufficient).toBe(3000);
  expect(result.n).toBeLessThan(2500);
  expect(result.metrics).toMatchObject({ sentiment_accuracy: 1 });
});

it('takes zeros for what is missing, as something seen, of the same clips', async () => {
  const { windows, zeros } = await evaluated({ text: 0.5, video: 0.5 });
  for (const name of ['video', 'text']) {
    expect(embeddings(zeros, name)).toEqual(embeddings(windows, name));
    expect(zeros.every((window) => window[name]?.mask.every((value) => value === 1))).toBe(true);
    expect(windows.some((window) => window[name]?.mask.includes(0))).toBe(true);
  }
});

it.each<[what: string, (stop: () => void) => Partial<LocalModel>]>([
  [
    'the faces are encoded',
    (stop) => ({
      encodeImages: (...images) => {
        stop();
        return model.encodeImages(...images);
      },
      encodeTexts: () => Promise.reject(new Error('went on')),
    }),
  ],
  [
    'the texts are encoded',
    (stop) => ({
      encodeTexts: (...said) => {
        stop();
        return model.encodeTexts(...said);
      },
      predictBatch: () => Promise.reject(new Error('went on')),
    }),
  ],
])('ends where it is interrupted while %s', async (_, interrupted) => {
  const stop = new AbortController();
  const watched = { ...model, ...interrupted(() => stop.abort()) };
  const options = { model: watched, dataset: 'composed', data, split: 'val', signal: stop.signal };
  await expect(evaluateComposed(options)).rejects.toMatchObject({ name: 'AbortError' });
});

it('encodes no face after an interruption while the sets are read', async () => {
  const stop = new AbortController();
  const watched = { ...model, encodeImages: () => Promise.reject(new Error('went on')) };
  const options = { model: watched, dataset: 'composed', data, split: 'val', signal: stop.signal };
  const ending = evaluateComposed(options);
  stop.abort();
  await expect(ending).rejects.toMatchObject({ name: 'AbortError' });
});
