import { apply } from '../../models/graph/component.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { add, l2Normalize, mean, mul, reshape, scale, stopGradient } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { trmlHeads, type HeadsConfig } from '../../models/heads/trml.ts';
import { random, type Random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { absenceMasks } from '../../pipeline/absence/absence-masks.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import { crossEntropy, gaussianNll, semanticMatching, squaredError, weightedMean } from '../losses/losses.ts';
import type { LabelledClip } from '../pools/clip-set.ts';
import { sentimentRow } from '../pools/text-pool.ts';
import type { HeadsStageConfig, Recipe } from '../recipes/recipe.ts';
import { floatRows, floats, floatVector } from './batch.ts';
import { embeddingRow, type Embeddings } from './embed-stage.ts';
import type { StageOptions } from './stage-options.ts';

export interface HeadsStageOptions extends StageOptions {
  readonly recipe: Recipe;
  readonly faces: Embeddings;
  readonly texts: Embeddings;
  readonly clips: (random: Random) => LabelledClip;
  /** How this run departs from the method: what stands for what is missing, and whether training drops anything. */
  readonly variant?: { readonly fill: HeadsConfig['fill']; readonly drops: boolean };
}

/**
 * Trains temporal encoder, inference heads and task head on composed clips:
 *
 *     L = L_task + alpha (L_t2v + L_v2t)
 *
 * L_task is the squared error of the score (and the likelihood of its variance, which does not touch the score) plus
 * cross-entropy of sentiment and emotion, each over the clips that have the label. What is dropped in training is still
 * known here, so the virtual embeddings are matched with the real ones wherever their source was observed.
 */
export async function trainHeads(options: HeadsStageOptions): Promise<ParamStore> {
  const { recipe, threads, variant = { fill: 'virtual', drops: true } } = options;
  const step = await compileStep((g) => headsObjective(g, { ...recipe.heads, fill: variant.fill }, recipe.clips), {
    seed: recipe.seed,
    threads,
  });
  try {
    return await trainLoop({
      step,
      config: recipe.clips.loop,
      seed: recipe.seed,
      batch: (at) => headsBatch(options, variant.drops, at),
      checkpoint: options.checkpoint,
      onProgress: options.onProgress,
      signal: options.signal,
    });
  } finally {
    await step.close();
  }
}

function headsObjective(g: Graph, heads: HeadsConfig, config: HeadsStageConfig): Objective {
  const { batch, weights, alpha, tau, symmetric } = config;
  const { slots, dimension, emotions } = heads;
  const video = g.input('video', [batch, slots, dimension]);
  const text = g.input('text', [batch, 1, dimension]);
  const videoMask = g.input('video_mask', [batch, slots]);
  const textMask = g.input('text_mask', [batch, 1]);
  const out = apply(g, trmlHeads(heads), 'heads', {
    video: mul(g, video, reshape(g, videoMask, [batch, slots, 1])),
    videoMask,
    text: mul(g, text, reshape(g, textMask, [batch, 1, 1])),
    textMask,
  });
  const label = (name: string, width?: number): Value => g.input(name, width === undefined ? [batch] : [batch, width]);
  const score = label('score');
  const hasScore = label('has_score');
  const matching = (virtual: Value, observed: Value, valid: Value): Value =>
    semanticMatching(g, virtual, observed, valid, { tau, symmetric });
  const parts = {
    score: weightedMean(g, squaredError(g, out.score, score), hasScore),
    variance: weightedMean(g, gaussianNll(g, stopGradient(g, out.score), out.logVariance, score), hasScore),
    sentiment: weightedMean(g, crossEntropy(g, out.sentimentLogits, label('sentiment', 3)), label('has_sentiment')),
    emotion: weightedMean(g, crossEntropy(g, out.emotionLogits, label('emotion', emotions)), label('has_emotion')),
    textToVisual: matching(out.virtualVideo, l2Normalize(g, mean(g, video, [1])), label('hears')),
    visualToText: matching(out.virtualText, reshape(g, text, [batch, dimension]), label('sees')),
  };
  const weighted = [
    scale(g, parts.score, weights.score),
    scale(g, parts.variance, weights.score),
    scale(g, parts.sentiment, weights.sentiment),
    scale(g, parts.emotion, weights.emotion),
    scale(g, add(g, parts.textToVisual, parts.visualToText), heads.fill === 'virtual' ? alpha : 0),
  ];
  return { loss: weighted.reduce((a, b) => add(g, a, b)), metrics: parts };
}

function headsBatch(options: HeadsStageOptions, drops: boolean, step: number): Record<string, TensorData> {
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
function blurred(draw: Random, embedding: Float32Array, amount: number): Float32Array {
  if (amount === 0) return embedding;
  const each = amount / Math.sqrt(embedding.length);
  return embedding.map((value) => value + each * draw.normal());
}
