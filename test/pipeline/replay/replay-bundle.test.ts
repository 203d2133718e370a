import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModel } from '../../../models/runtime/load-model.ts';
import { replay } from '../../../pipeline/replay/replay.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';
import { Clips, hasFfmpeg } from './clips.ts';
import type { SentimentModel } from '../../../models/model.ts';
import type { ReplaySummary } from '../../../pipeline/replay/summary.ts';

const clips = new Clips();
let model: SentimentModel;

beforeAll(async () => {
  const bundle = await writeTinyBundle();
  model = await loadModel({ bundle: bundle.dir, provider: 'cpu', workers: 1 });
});
afterAll(async () => {
  await model.close();
  clips.remove();
});

const CAPTIONS = 'WEBVTT\n\n00:00.000 --> 00:01.500\nI am so happy\n\n00:01.500 --> 00:03.000\nwhat a bad day\n';

describe.skipIf(!hasFfmpeg)('a real bundle over a real video (needs ffmpeg)', () => {
  test('every hop has a score, from whatever is observed', async () => {
    const video = clips.draw('video.mp4', 3);
    const captions = clips.write('video.vtt', CAPTIONS);
    const run = (name: string, drop: Record<string, number>): Promise<ReplaySummary> =>
      replay({ model, video, captions, out: clips.path(name), drop });
    const whole = await run('whole', {});
    expect(whole).toMatchObject({
      status: 'complete',
      bundle: { name: 'tiny', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      predictions: { expected: 12, written: 12, by_state: { insufficient: 0 } },
      totals: { frames: { encoded: 12 }, errors: 0 },
      warnings: [],
    });
    const [deaf, blind, none] = [
      await run('deaf', { text: 1 }),
      await run('blind', { video: 1 }),
      await run('none', { video: 1, text: 1 }),
    ];
    expect([deaf.modalities['text']?.sources.virtual, blind.modalities['video']?.sources.virtual]).toEqual([1, 1]);
    expect(new Set([whole, deaf, blind].map((summary) => summary.score?.mean)).size).toBe(3);
    expect([none.score, none.predictions.by_state.insufficient]).toEqual([null, 12]);
  });
});
