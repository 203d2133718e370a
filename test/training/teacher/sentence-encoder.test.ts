import { beforeAll, expect, it } from 'vitest';
import { openSentenceEncoder, type SentenceEncoder } from '../../../training/teacher/sentence-encoder.ts';

let teacher: SentenceEncoder;
beforeAll(async () => {
  teacher = await openSentenceEncoder();
}, 60_000);

async function cosines(first: string, others: readonly string[]): Promise<number[]> {
  const rows = await teacher.encode([first, ...others]);
  const row = (i: number): Float32Array => rows.subarray(i * teacher.dimension, (i + 1) * teacher.dimension);
  return others.map((_, i) => row(i + 1).reduce((sum, value, k) => sum + value * (row(0)[k] ?? 0), 0));
}

it('puts texts of like meaning close together', async () => {
  const [like = 0, unlike = 1] = await cosines('I loved this movie, it was wonderful.', [
    'A great film, I enjoyed it a lot.',
    'The train to the city leaves at seven.',
  ]);
  expect(like).toBeGreaterThan(unlike + 0.2);
});

it('gives every text its own row, of length 1, whatever it is read with', async () => {
  const texts = ['Yes.', 'I could not have asked for a better ending to this, honestly.', 'No!'];
  const together = await teacher.encode(texts);
  for (const [i, text] of texts.entries()) {
    const row = together.subarray(i * teacher.dimension, (i + 1) * teacher.dimension);
    expect(Math.hypot(...row)).toBeCloseTo(1, 4);
    const alone = await teacher.encode([text]);
    for (const [k, value] of alone.entries()) expect(row[k]).toBeCloseTo(value, 4);
  }
});

it('reads capitals as it reads small letters, where there are no others', async () => {
  const [same = 0] = await cosines('IT WAS REALLY GOOD', ['it was really good']);
  expect(same).toBeCloseTo(1, 5);
  const [other = 1] = await cosines('US', ['us all']);
  expect(other).toBeLessThan(1);
});
