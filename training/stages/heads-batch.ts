import { random, type Random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { absenceMasks } from '../../pipeline/absence/absence-masks.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { sentimentRow } from '../pools/text-pool.ts';
import { floatRows, floats, floatVector } from './batch.ts';
import { embeddingRow } from './embed-stage.ts';
import type { HeadsStageOptions } from './heads-stage.ts';

/**
 * The batch of a step of {@link trainHeads}: embeddings of drawn clips with noise, what of them is observed, which virtual
 * embeddings have a real one to be matched with, and the labels that there are. A function of the seed and the step alone.
 *
 * @param drops whether what is observed is drawn; otherwise it is everything
 */
export function headsBatch(
  options: Pick<HeadsStageOptions, 'recipe' | 'faces' | 'texts' | 'clips'>,
  drops: boolean,
  step: number,
): Record<string, TensorData> {
  const { recipe, faces, texts } = options;
  const { batch, absence, noise } = recipe.clips;
  const { slots, dimension } = recipe.heads;
  const draw = random(recipe.seed, 'clip batch', step);
  const clips = Array.from({ length: batch }, () => options.clips(draw));
  const video = new Float32Array(batch * slots * dimension);
  const text = new Float32Array(batch * dimension);
  const videoMask = new Float32Array(batch * slots).fill(1);
  const textMask = new Float32Array(batch).fill(1);
  const modalities = [
    { name: 'video', slots },
    { name: 'text', slots: 1 },
  ];
  for (const [i, clip] of clips.entries()) {
    const shown = clip.faces.length > 0;
    if (!shown) videoMask.fill(0, i * slots, (i + 1) * slots);
    for (const [slot, face] of clip.faces.entries())
      video.set(blurred(draw, embeddingRow(faces, face), noise.video), (i * slots + slot) * dimension);
    const said = embeddingRow(texts, clip.utterance * texts.variants + draw.int(texts.variants));
    text.set(blurred(draw, said, noise.text), i * dimension);
    // What lacks its video already keeps its text.
    if (!drops || !shown) continue;
    const { masks } = absenceMasks(draw, modalities, absence);
    videoMask.set(masks['video'] ?? [], i * slots);
    textMask.set(masks['text'] ?? [], i);
  }
  const sees = clips.map((_, i) => Number(videoMask.subarray(i * slots, (i + 1) * slots).some((value) => value > 0)));
  return {
    video: floats(video, [batch, slots, dimension]),
    text: floats(text, [batch, 1, dimension]),
    video_mask: floats(videoMask, [batch, slots]),
    text_mask: floats(textMask, [batch, 1]),
    sees: floatVector(sees),
    hears: floatVector(clips.map(({ faces: shown }, i) => (shown.length > 0 ? (textMask[i] ?? 0) : 0))),
    score: floatVector(clips.map((clip, i) => (sees[i] === 0 ? clip.taughtScore : undefined) ?? clip.score ?? 0)),
    has_score: floatVector(clips.map(({ score }) => Number(score !== undefined))),
    sentiment: floatRows(clips.map(({ sentiment }) => sentimentRow(sentiment))),
    has_sentiment: floatVector(clips.map(({ sentiment }) => Number(sentiment !== undefined))),
    emotion: floatRows(clips.map(({ emotion }) => EMOTIONS.map((name) => Number(name === emotion)))),
    has_emotion: floatVector(clips.map(({ hasEmotion }) => Number(hasEmotion))),
  };
}

/** The embedding with Gaussian noise of length `amount` on average; its own part stays as long as it will be in use. */
export function blurred(draw: Random, embedding: Float32Array, amount: number): Float32Array {
  if (amount === 0) return embedding;
  const each = amount / Math.sqrt(embedding.length);
  return embedding.map((value) => value + each * draw.normal());
}
