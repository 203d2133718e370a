import { expect, it } from 'vitest';
import { emptyTable, type ClipTable } from '../../../training/sweep/clip-table.ts';
import type { Masks } from '../../../training/sweep/loss.ts';
import { Predicted, prior } from '../../../training/sweep/predicted.ts';
import { tableMetrics } from '../../../training/sweep/table-metrics.ts';
import { virtualMetrics } from '../../../training/sweep/virtual-metrics.ts';

const D = 4;
const N = 6;

/** Clips of which the first four are whole: frame and text of each point along an axis, the text along the next one. */
function table(): ClipTable {
  const clips = emptyTable(N, 1, D);
  for (let i = 0; i < N; i++) {
    clips.video[i * D + (i % D)] = 1;
    clips.text[i * D + ((i + 1) % D)] = 1;
  }
  clips.videoMask.fill(1, 0, 5);
  clips.textMask.fill(1, 0, 4);
  clips.textMask[5] = 1;
  return clips;
}

it('scores virtual embeddings that are made of the other modality alone, over clips that are whole', async () => {
  const asked: string[] = [];
  const predict = (clips: ClipTable, { video, text }: Masks): Promise<Predicted> => {
    asked.push(`${video.join('')} ${text.join('')}`);
    const rows = Array.from({ length: clips.n }, (_, i) => i);
    const out = new Predicted(clips.n);
    // The text is found; of the video only what the raw embedding of the text says.
    out.put('virtual_text', rows, clips.text.slice());
    out.put('virtual_video', rows, clips.text.slice());
    return Promise.resolve(out);
  };
  const metrics = await virtualMetrics({ predict }, table());
  expect(asked).toEqual(['0000 1111', '1111 0000']);
  expect(metrics).toMatchObject({
    virtual_text_n: 4,
    virtual_text_cosine: 1,
    virtual_text_r1: 1,
    virtual_text_raw_cosine: 0,
    virtual_video_cosine: 0,
    virtual_video_raw_cosine: 0,
    virtual_video_chance_r1: 0.25,
  });
});

it('says of what is not seen the class shares and the mean score of training', () => {
  const clips = table();
  clips.sentiment.set([2, 2, 2, 0, -1, -1]);
  clips.emotion.set([1, 1, -1, -1, -1, -1]);
  clips.score.set([1, 2]);
  const said = prior(clips, 7).repeat(2);
  expect([...said.row('score', 1)]).toEqual([1.5]);
  const shares = [...said.row('sentiment', 0)].map(Math.exp);
  expect(shares).toEqual([1.5 / 5.5, 0.5 / 5.5, 3.5 / 5.5].map((share) => expect.closeTo(share, 5)));
  expect([...said.row('emotion', 1)].indexOf(Math.max(...said.row('emotion', 1)))).toBe(1);
});

it('measures the predictions of all folds together, each over the clips with the label', () => {
  const fold = (score: number, truth: number, labels: readonly number[]) => {
    const clips = emptyTable(2, 1, D);
    clips.score[0] = truth;
    clips.sentiment.set(labels);
    const predicted = new Predicted(2);
    predicted.put('score', [0, 1], Float32Array.of(score, 99));
    predicted.put('sentiment', [1, 0], Float32Array.of(0, 0, 1, 1, 0, 0));
    predicted.put('emotion', [0, 1], new Float32Array(2));
    return { predicted, table: clips };
  };
  const metrics = tableMetrics([fold(1, 2, [0, 0]), fold(-1, 2, [-1, 2]), fold(0, 0, [-1, 2])], []);
  expect(metrics).toMatchObject({ MAE: 1.3333, sentiment_accuracy: 0.75, sentiment_recall_negative: 0.5 });
  expect(metrics).not.toHaveProperty('emotion_accuracy');
});
