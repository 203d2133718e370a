import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { random } from '../../../models/random.ts';
import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import type { Sample } from '../../../training/datasets/sample.ts';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { drawCaptions, drawUtterance, toVtt } from '../../../training/synthetic/captions.ts';
import { encodeMp4 } from '../../../training/synthetic/encode.ts';
import { faceClip } from '../../../training/synthetic/face-clip.ts';
import { PHRASES } from '../../../training/synthetic/phrases.ts';
import { SAMPLE_MOODS, sampleClip } from '../../../training/synthetic/sample.ts';
import { hasFfmpeg } from '../../pipeline/replay/clips.ts';
import { smokeDataset } from '../../support/smoke-dataset.ts';

const emotionOf = (sample: Sample, i: number): boolean => sample.emotion === EMOTIONS[i % EMOTIONS.length];
const isJpeg = ({ image }: Sample): boolean => image?.().subarray(0, 2).join() === '255,216';
const hasText = ({ text = '' }: Sample): boolean => /\w \w/.test(text);
const hasScore = ({ score = Infinity }: Sample): boolean => Math.abs(score) <= 3;

const folder = mkdtempSync(join(tmpdir(), 'undertone-synthetic-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('captions', () => {
  it('every utterance is whole, and the same for the same stream', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...EMOTIONS), (seed, emotion) => {
        const text = drawUtterance(random(seed), emotion);
        expect(text).toMatch(/^[A-Z][^{}]+[.!?]$/);
        expect(drawUtterance(random(seed), emotion)).toBe(text);
      }),
    );
  });

  it('follow the moods without overlap', () => {
    const cues = drawCaptions(random(3), SAMPLE_MOODS, 15_000);
    expect(cues.length).toBeGreaterThanOrEqual(3);
    for (const [i, cue] of cues.entries()) {
      expect(cue.startMs).toBeGreaterThanOrEqual(cues[i - 1]?.endMs ?? 0);
      expect(cue.endMs).toBeGreaterThan(cue.startMs);
      expect(SAMPLE_MOODS.some(({ startMs }) => cue.startMs < startMs && cue.endMs > startMs)).toBe(false);
    }
    expect(cues.at(-1)?.endMs).toBeLessThanOrEqual(15_000);
  });

  it('are written as WebVTT', () => {
    expect(toVtt([{ startMs: 61_020, endMs: 3_600_000, text: 'Hi.' }])).toBe(
      'WEBVTT\n\n00:01:01.020 --> 01:00:00.000\nHi.\n',
    );
  });
});

describe('the sample', () => {
  const file = new URL('../../../client/web/public/sample/sample.mp4', import.meta.url);

  it('is committed, small, and its captions are those of the generator', () => {
    expect(statSync(file).size).toBeLessThan(400_000);
    // `ftyp`, then the index before the pictures, so that it plays from the first byte on.
    const head = readFileSync(file);
    expect(head.toString('latin1', 4, 8)).toBe('ftyp');
    expect(head.indexOf('moov')).toBeLessThan(head.indexOf('mdat'));
    const vtt = readFileSync(new URL('sample.vtt', file), 'utf8');
    expect(vtt).toBe(toVtt(sampleClip().captions));
  });

  it('says nothing that training is taught', () => {
    const taught = Object.values(PHRASES)
      .flat()
      .map((phrase) => new RegExp(`^${phrase.replace(/[.?]/g, '\\$&').replace(/\{\w+\}/g, '.+')}$`, 'i'));
    const saidOf = (text: string): boolean => taught.some((phrase) => phrase.test(text));
    expect(saidOf(drawUtterance(random(1), 'happy'))).toBe(true);
    for (const { text } of sampleClip().captions) expect(saidOf(text), text).toBe(false);
  });
});

describe.skipIf(!hasFfmpeg)('encoding (needs ffmpeg)', () => {
  it('writes a clip with ffmpeg', async () => {
    const file = join(folder, 'clip.mp4');
    await encodeMp4(faceClip({ emotion: 'happy', seed: 1, seconds: 1, fps: 5, size: 64 }), file);
    expect(readFileSync(file).toString('latin1', 4, 8)).toBe('ftyp');
  });

  it('fails where a frame does, though ffmpeg takes those before it for a clip', async () => {
    const clip = faceClip({ emotion: 'happy', seed: 1, seconds: 1, fps: 5, size: 64 });
    const broken = {
      ...clip,
      async *frames() {
        for await (const frame of clip.frames()) {
          if (frame.timeMs > 500) throw new Error('no more frames');
          yield frame;
        }
      },
    };
    await expect(encodeMp4(broken, join(folder, 'short.mp4'))).rejects.toThrow('no more frames');
  });

  it('tells why it could not', async () => {
    const clip = faceClip({ emotion: 'happy', seed: 1, seconds: 1, fps: 5, size: 64 });
    const failing = encodeMp4(clip, join(folder, 'missing', 'clip.mp4'));
    await expect(failing).rejects.toMatchObject({ code: 'ffmpeg_failed' });
    await expect(failing).rejects.toThrow('No such file');
    expect(existsSync(join(folder, 'missing'))).toBe(false);
  });
});

describe('the smoke data set', () => {
  beforeAll(() => smokeDataset(join(folder, 'smoke'), { seed: 2, n: 70 }));

  it.each([
    ['fer2013', 'train', 56, [emotionOf, isJpeg]],
    ['fer2013', 'val', 14, [emotionOf, isJpeg]],
    ['goemotions', 'train', 56, [emotionOf, hasText]],
    ['goemotions', 'dev', 14, [emotionOf, hasText]],
    ['mosei', 'train', 56, [hasScore, hasText]],
    ['mosei', 'valid', 14, [hasScore, hasText]],
    ['mvsa', 'train', 70, [hasText, isJpeg]],
  ] as const)('%s %s reads as the data set that it imitates', async (name, split, n, checks) => {
    const samples = (await openDataset(name, join(folder, 'smoke'))).samples(split);
    expect(samples).toHaveLength(n);
    for (const check of checks) expect(samples.every(check)).toBe(true);
  });

  it('is the same for the same seed', async () => {
    await smokeDataset(join(folder, 'again'), { seed: 2, n: 70 });
    await smokeDataset(join(folder, 'other'), { seed: 3, n: 70 });
    for (const file of [
      'faces-fer2013/images.bin',
      'faces-fer2013/index.csv',
      'goemotions/train.tsv',
      'mosei/label.csv',
      'mvsa/images.bin',
      'mvsa/pairs.csv',
    ]) {
      const [first, again, other] = ['smoke', 'again', 'other'].map((name) => readFileSync(join(folder, name, file)));
      expect(again).toEqual(first);
      expect(other).not.toEqual(first);
    }
  });
});
