import { describe, expect, it } from 'vitest';
import type { TensorData } from '../../../models/runtime/session.ts';
import { preparedBatch } from '../../../training/prepared/prepared-batch.ts';
import { compact } from '../../../training/recipes/compact.ts';
import { emptyTable, type ClipTable } from '../../../training/sweep/clip-table.ts';

const [N, SLOTS, D] = [6, 2, 3];

/** Clip i has its number in every embedding; 4 has no video, 5 no text and one frame. */
function tableOf(): ClipTable {
  const table = emptyTable(N, SLOTS, D);
  for (let i = 0; i < N; i++) {
    table.score[i] = i;
    if (i !== 4) {
      const frames = i === 5 ? 1 : SLOTS;
      table.videoMask.fill(1, i * SLOTS, i * SLOTS + frames);
      table.video.fill(i + 1, i * SLOTS * D, (i * SLOTS + frames) * D);
    }
    if (i !== 5) {
      table.textMask[i] = 1;
      table.text.fill(i + 1, i * D, (i + 1) * D);
    }
  }
  return table;
}

function batchAt(step: number, batch = N, noise = { video: 0, text: 0 }) {
  const clips = { batch, absence: compact.clips.absence, noise };
  const inputs = preparedBatch({ table: tableOf(), clips, emotions: 7, seed: 1 }, step);
  const values = (name: string): number[] => Array.from((inputs[name] as TensorData).data as Float32Array);
  const part = (name: string, row: number): number[] => {
    const width = values(name).length / batch;
    return values(name).slice(row * width, (row + 1) * width);
  };
  return { rows: values('score'), values, part };
}

const STEPS = Array.from({ length: 60 }, (_, step) => step);

describe('a batch of prepared clips', () => {
  it('has each clip once, others in another step', () => {
    for (const step of STEPS) expect(batchAt(step).rows.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    const pairs = STEPS.map((step) => batchAt(step, 2).rows);
    for (const [a, b] of pairs) expect(a).not.toBe(b);
    expect(new Set(pairs.flat()).size).toBe(N);
    expect(batchAt(3, 2).rows).toEqual(batchAt(3, 2).rows);
  });

  it('drops of what there is, never everything, and adds nothing to what there is not', () => {
    const kept = { video: new Set<number>(), text: new Set<number>() };
    for (const step of STEPS) {
      const { rows, part } = batchAt(step, N, { video: 0.5, text: 0.5 });
      for (const row of rows.keys()) expect([...part('video_mask', row), ...part('text_mask', row)]).toContain(1);
      const [whole, silent, mute] = [0, 4, 5].map((clip) => rows.indexOf(clip)) as [number, number, number];
      for (const mask of part('video_mask', whole)) kept.video.add(mask);
      for (const mask of part('text_mask', whole)) kept.text.add(mask);
      expect([part('video_mask', silent), part('video', silent)]).toEqual([[0, 0], Array<number>(SLOTS * D).fill(0)]);
      expect([part('text_mask', mute), part('video_mask', mute), part('text', mute)]).toEqual([[0], [1, 0], [0, 0, 0]]);
    }
    expect([kept.video.size, kept.text.size]).toEqual([2, 2]);
  });

  it('matches a virtual embedding where its source is left and the real one is known', () => {
    for (const step of STEPS) {
      const { rows, values, part } = batchAt(step);
      for (const [row, clip] of rows.entries()) {
        const says = part('text_mask', row)[0] === 1;
        const shows = part('video_mask', row).includes(1);
        expect(values('hears')[row]).toBe(Number(says && clip !== 4));
        expect(values('sees')[row]).toBe(Number(shows && clip !== 5));
      }
    }
  });
});
