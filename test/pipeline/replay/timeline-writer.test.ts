import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TimelineWriter } from '../../../pipeline/replay/timeline-writer.ts';
import { fakeModel } from '../../support/fake-model.ts';
import type { SentimentResult } from '../../../pipeline/protocol/index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-timeline-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function result(seq: number, score: number): SentimentResult {
  return {
    type: 'sentiment.result',
    seq,
    pts_ms: 250 * seq,
    window: { start_ms: 0, end_ms: 250 * seq },
    state: 'insufficient',
    score,
    label: null,
    probs: null,
    emotions: null,
    confidence: null,
    modalities: {},
    latency_ms: { queue: 0, encode: 0, predict: 0, total: 0 },
  };
}

async function written(fill: (writer: TimelineWriter) => void | Promise<void>, counterfactuals = false) {
  const names = { jsonl: join(folder, 'a.jsonl'), csv: join(folder, 'a.csv') };
  const files = { jsonl: await open(names.jsonl, 'w'), csv: await open(names.csv, 'w') };
  const final: number[] = [];
  const writer = new TimelineWriter(files, fakeModel().info, {
    counterfactuals,
    onWritten: ({ seq }) => void final.push(seq),
  });
  await fill(writer);
  await writer.finish();
  await Promise.all([files.jsonl.close(), files.csv.close()]);
  const lines = (await readFile(names.jsonl, 'utf8')).split('\n').slice(0, -1);
  const rows = (await readFile(names.csv, 'utf8')).split('\n').slice(0, -1);
  return { writer, final, rows, results: lines.map((line) => JSON.parse(line) as SentimentResult) };
}

test('a revision takes the place of its result and keeps its number; so does the revision of a revision', async () => {
  const { results, rows, final, writer } = await written((timeline) => {
    for (const seq of [0, 1, 2]) timeline.add(result(seq, seq));
    timeline.revise({ ...result(3, -1), pts_ms: 250, type: 'sentiment.revised', supersedes: 1 });
    timeline.revise({ ...result(4, -2), pts_ms: 250, type: 'sentiment.revised', supersedes: 3 });
  });
  expect(results).toEqual([result(0, 0), { ...result(4, -2), pts_ms: 250 }, result(2, 2)]);
  expect(rows.map((row) => row.split(',').slice(0, 2).join(' '))).toEqual(['seq pts_ms', '0 0', '4 250', '2 500']);
  expect([final, writer.count, writer.tooLate]).toEqual([[0, 4, 2], 3, 0]);
});

test('what is long past is in the file already, and a revision of it is counted', async () => {
  const { results, writer } = await written(async (timeline) => {
    for (let seq = 0; seq < 5000; seq++) timeline.add(result(seq, 0));
    await timeline.drain();
    timeline.revise({ ...result(5000, 1), type: 'sentiment.revised', supersedes: 10 });
    timeline.revise({ ...result(5001, 1), type: 'sentiment.revised', supersedes: 4990 });
  });
  expect([results.length, writer.tooLate, results[10]?.seq, results[4990]?.seq]).toEqual([5000, 1, 10, 5001]);
});

test('counterfactuals are columns where they were asked for', async () => {
  const counterfactuals = { as_is: 0.5, only: { video: -1, text: null }, zero_filled: 0.25 };
  const { rows, results } = await written((timeline) => timeline.add({ ...result(0, 0), counterfactuals }), true);
  const [header = [], values = []] = rows.map((row) => row.split(','));
  const cells = Object.fromEntries(header.map((name, i) => [name, values[i]]));
  expect(cells).toMatchObject({
    score_as_is: '0.5',
    score_only_video: '-1',
    score_only_text: '',
    score_zero_filled: '0.25',
  });
  expect(results[0]?.counterfactuals).toEqual(counterfactuals);
  const plain = await written((timeline) => timeline.add(result(0, 0)));
  expect(plain.rows[0]).not.toMatch(/score_/);
});
