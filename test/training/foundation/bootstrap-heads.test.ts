import { describe, expect, it } from 'vitest';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { headsGraph } from '../../../models/heads/heads-graph.ts';
import { random } from '../../../models/random.ts';
import { openSession, type TensorData } from '../../../models/runtime/session.ts';
import { bootstrapHeads, promptEmbedding } from '../../../training/foundation/bootstrap-heads.ts';
import { moveAcross } from '../../../training/foundation/modality-gap.ts';
import { unit } from '../../../training/foundation/pairs.ts';
import { emotionPrompts, sentimentPrompts } from '../../../training/foundation/zero-shot-prompts.ts';

const D = 16;
const draw = random(1, 'bootstrap');
const vector = (): Float32Array => unit(Float32Array.from({ length: D }, () => draw.normal()));
const emotions = Array.from({ length: 4 }, vector);
const sentiments = [vector(), vector(), vector()] as const;
const gap = vector().map((value) => 0.5 * value);
const heads = bootstrapHeads({ dimension: D, slots: 2, emotions, sentiments, gap });

async function predict(frames: readonly (Float32Array | undefined)[], text?: Float32Array) {
  const session = await openSession(emitOnnx(headsGraph(heads.config), { params: heads.params }));
  const float = (data: number[], dims: number[]): TensorData => ({
    type: 'float32',
    dims,
    data: Float32Array.from(data),
  });
  try {
    const found = await session.run({
      video: float(
        frames.flatMap((frame) => [...(frame ?? new Float32Array(D))]),
        [1, 2, D],
      ),
      video_mask: float(
        frames.map((frame) => Number(frame !== undefined)),
        [1, 2],
      ),
      text: float([...(text ?? new Float32Array(D))], [1, 1, D]),
      text_mask: float([Number(text !== undefined)], [1, 1]),
    });
    return Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, [...(data as Float32Array)]]));
  } finally {
    await session.close();
  }
}

const largest = (values: readonly number[] = []): number => values.indexOf(Math.max(...values));

describe('bootstrapHeads', () => {
  it('names the class whose prompts are nearest, from frames and words', async () => {
    for (const [at, emotion] of emotions.entries())
      expect(largest((await predict([emotion, emotion], emotion))['emotion_logits'])).toBe(at);
    for (const [at, sentiment] of sentiments.entries())
      expect(largest((await predict([sentiment, sentiment], sentiment))['sentiment_logits'])).toBe(at);
  });

  it('scores positive above and negative below zero, within the range', async () => {
    const [negative, , positive] = sentiments;
    const low = (await predict([negative, negative], negative))['score']?.[0] ?? 0;
    const high = (await predict([positive, positive], positive))['score']?.[0] ?? 0;
    expect(low).toBeLessThan(-0.5);
    expect(high).toBeGreaterThan(0.5);
    expect(Math.max(-low, high)).toBeLessThanOrEqual(3);
  });

  it('synthesises what is missing by moving what is there across the gap', async () => {
    const [seen, said] = [vector(), vector()];
    const fromText = await predict([undefined, undefined], said);
    const fromVideo = await predict([seen, undefined]);
    const moved = moveAcross(said, gap);
    expect([fromText['virtual_video'], fromVideo['virtual_text']].map((found) => found?.length)).toEqual([D, D]);
    for (const [i, value] of (fromText['virtual_video'] ?? []).entries()) expect(value).toBeCloseTo(moved[i] ?? 9, 5);
    const back = moveAcross(
      seen,
      gap.map((value) => -value),
    );
    for (const [i, value] of (fromVideo['virtual_text'] ?? []).entries()) expect(value).toBeCloseTo(back[i] ?? 9, 4);
  });

  it('says that it is uncalibrated', () => {
    expect(heads.training).toEqual({ method: 'bootstrap', calibrated: false });
  });

  it('has prompts for every class, and one embedding for several', () => {
    expect(emotionPrompts('happy')).toContain('a photo of a happy person');
    expect(sentimentPrompts('negative').length).toBeGreaterThan(4);
    const one = promptEmbedding([vector(), vector()]);
    expect(Math.hypot(...one)).toBeCloseTo(1, 5);
  });
});
