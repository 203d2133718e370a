import { describe, expect, it } from 'vitest';
import { DEFAULT_ABSENCE } from '../../../pipeline/absence/absence-masks.ts';
import { emptyTable } from '../../../training/sweep/clip-table.ts';
import { lossMasks } from '../../../training/sweep/loss.ts';
import { methodBatch, type BatchSource } from '../../../training/sweep/method-batch.ts';
import { METHODS } from '../../../training/sweep/methods.ts';
import { meansOf } from '../../../training/sweep/observe.ts';
import { drawnClips } from './clips.ts';

const table = drawnClips(50, 1);
const masks = lossMasks(table, null);

it.each([
  ['text-only', { text: true, video: false }],
  ['video-only', { text: false, video: true }],
  ['trml', { text: true, video: true }],
  ['late-fusion', { text: true, video: true }],
] as const)('leaves %s something that it looks at of every clip', (name, looks) => {
  const method = METHODS.find((each) => each.name === name);
  if (method === undefined) throw new Error(name);
  const batch = methodBatch(
    {
      table,
      masks,
      rows: Array.from({ length: table.n }, (_, i) => i),
      means: meansOf(table, masks),
      method,
      absence: DEFAULT_ABSENCE,
      emotions: 7,
      batch: 256,
      seed: 1,
    },
    0,
  );
  const [text, video] = [batch['text_mask']?.data, batch['video_mask']?.data] as [Float32Array, Float32Array];
  for (let i = 0; i < 256; i++) {
    const seen = video.subarray(i * table.slots, (i + 1) * table.slots).includes(1);
    expect((looks.text && text[i] === 1) || (looks.video && seen)).toBe(true);
  }
  // Dropping goes on: some frames are gone wherever frames are looked at.
  expect(!looks.video || video.includes(0)).toBe(true);
});

it('has no clip twice, where there are enough', () => {
  const clips = drawnClips(50, 1);
  clips.score.set([...clips.score.keys()]);
  const rows = [...clips.score.keys()].filter((row) => row % 2 === 0);
  const source = { table: clips, masks, rows, means: meansOf(clips, masks), absence: DEFAULT_ABSENCE, emotions: 7 };
  for (const method of METHODS)
    for (const step of Array.from({ length: 10 }, (_, at) => at)) {
      const { score } = methodBatch({ ...source, method, batch: 20, seed: 1 }, step);
      const drawn = [...((score?.data ?? []) as Float32Array)];
      expect(new Set(drawn).size).toBe(20);
      expect(drawn.every((row) => row % 2 === 0)).toBe(true);
    }
});

describe('a batch of clips of which not everything is known', () => {
  const SLOTS = 2;
  const D = 2;
  const BATCH = 400;
  // Row by row: everything; one frame and no text; text alone; two frames that point elsewhere, and no labels.
  const clips = emptyTable(4, SLOTS, D);
  clips.video.set([1, 0, 0, 1, 0, 0.5, 9, 9, 9, 9, 9, 9, 3, 0, 1, 0]);
  clips.text.set([1, 0, 9, 9, 0, 1, 1, 0]);
  clips.score.set([-1, 0, 2]);
  clips.sentiment.set([0, 1, 2]);
  clips.emotion.set([0, 3, -1]);
  const known = { video: Float32Array.of(1, 1, 1, 0, 0, 0, 1, 1), text: Float32Array.of(1, 0, 1, 1) };
  const batchOf = (name: string, more: Partial<BatchSource> = {}, step = 0): Record<string, number[][]> => {
    const source: BatchSource = {
      table: clips,
      masks: known,
      rows: [0, 1, 2, 3],
      means: meansOf(clips, known),
      method: METHODS.find((each) => each.name === name) as (typeof METHODS)[number],
      absence: DEFAULT_ABSENCE,
      emotions: 7,
      batch: BATCH,
      seed: 1,
      ...more,
    };
    return Object.fromEntries(
      Object.entries(methodBatch(source, step)).map(([input, { data }]) => {
        const width = data.length / BATCH;
        const rows = Array.from({ length: BATCH }, (_, i) =>
          Array.from(data.slice(i * width, (i + 1) * width), Number),
        );
        return [input, rows];
      }),
    );
  };
  /** Of each clip of the batch which of the four it is, by what is matched. */
  const drawnOf = ({ video_target: target = [] }: Record<string, number[][]>, clip: number): number[] => {
    const places = [...target.keys()];
    const pointsTo = ['0.71,0.71', '0.00,1.00', '0.00,0.00', '1.00,0.00'][clip];
    return places.filter((i) => target[i]?.map((value) => value.toFixed(2)).join() === pointsTo);
  };

  it('matches with the mean of the frames that are known, whatever is dropped, of length 1', () => {
    for (const name of ['trml', 'zero-complete']) {
      const batch = batchOf(name);
      const counts = [0, 1, 2, 3].map((clip) => drawnOf(batch, clip).length);
      expect(counts.reduce((a, b) => a + b)).toBe(BATCH);
      for (const count of counts) expect(count).toBeGreaterThan(BATCH / 8);
    }
  });

  it('shows nothing that is not known', () => {
    const batch = batchOf('trml');
    for (const i of drawnOf(batch, 1)) {
      expect([batch['text']?.[i], batch['text_mask']?.[i]]).toEqual([[0, 0], [0]]);
      expect([batch['video']?.[i], batch['video_mask']?.[i]]).toEqual([
        [0, 0.5, 0, 0],
        [1, 0],
      ]);
    }
    for (const i of drawnOf(batch, 2))
      expect([batch['video_mask']?.[i], batch['text_mask']?.[i]]).toEqual([[0, 0], [1]]);
  });

  it('matches where the source of the synthesis is seen and its target known', () => {
    const batch = batchOf('trml');
    const dropped = { text: 0, video: 0 };
    for (const clip of [0, 1, 2, 3])
      for (const i of drawnOf(batch, clip)) {
        const seesText = batch['text_mask']?.[i]?.[0] === 1;
        const seesVideo = batch['video_mask']?.[i]?.includes(1) === true;
        expect(batch['text_sees']?.[i]).toEqual([Number(seesText && clip !== 2)]);
        expect(batch['video_sees']?.[i]).toEqual([Number(seesVideo && clip !== 1)]);
        if (clip === 0) {
          dropped.text += Number(!seesText);
          dropped.video += Number(!seesVideo);
        }
      }
    expect(Math.min(dropped.text, dropped.video)).toBeGreaterThan(0);
  });

  it('has the labels that there are', () => {
    const batch = batchOf('zero-complete');
    const labels = (clip: number) => {
      const i = drawnOf(batch, clip)[0] ?? -1;
      return ['has_score', 'score', 'has_sentiment', 'sentiment', 'has_emotion', 'emotion'].map((name) =>
        batch[name]?.[i]?.join(''),
      );
    };
    expect(labels(0)).toEqual(['1', '-1', '1', '100', '1', '1000000']);
    expect(labels(1)).toEqual(['1', '0', '1', '010', '1', '0001000']);
    expect(labels(2)).toEqual(['1', '2', '1', '001', '0', '0000000']);
    expect(labels(3)).toEqual(['0', '0', '0', '000', '0', '0000000']);
  });

  it('is another with another seed and another step, and the same with the same', () => {
    expect(batchOf('trml')).toEqual(batchOf('trml'));
    expect(batchOf('trml', { seed: 2 })['video_target']).not.toEqual(batchOf('trml')['video_target']);
    expect(batchOf('trml', {}, 1)['video_target']).not.toEqual(batchOf('trml')['video_target']);
  });
});
