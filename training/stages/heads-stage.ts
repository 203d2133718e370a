import { apply } from '../../models/graph/component.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { add, l2Normalize, mean, mul, reshape, scale, stopGradient } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { trmlHeads, type HeadsConfig } from '../../models/heads/trml.ts';
import { finishedParams } from '../engine/checkpoint.ts';
import { compileStep, type Batch, type Objective } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import { crossEntropy, gaussianNll, semanticMatching, squaredError, weightedMean } from '../losses/losses.ts';
import type { LabelledClip } from '../pools/clip-set.ts';
import type { Random } from '../../models/random.ts';
import type { HeadsStageConfig, Recipe } from '../recipes/recipe.ts';
import type { Embeddings } from './embed-stage.ts';
import { headsBatch } from './heads-batch.ts';
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
  const { recipe, variant = { fill: 'virtual', drops: true } } = options;
  return await trainHeadsOn((at) => headsBatch(options, variant.drops, at), {
    ...options,
    heads: { ...recipe.heads, fill: variant.fill },
    clips: recipe.clips,
    seed: recipe.seed,
  });
}

export interface HeadsLoopOptions extends StageOptions {
  readonly heads: HeadsConfig;
  readonly clips: HeadsStageConfig;
  readonly seed: number;
  /** Start values; drawn with the seed where absent. */
  readonly params?: ParamStore | undefined;
}

/** The same on other batches: `batch` gives that of a step, with the inputs of {@link headsBatch}. */
export async function trainHeadsOn(
  batch: (step: number) => Batch,
  { heads, clips, seed, params, threads, ...loop }: HeadsLoopOptions,
): Promise<ParamStore> {
  const finished = await finishedParams(loop.checkpoint);
  if (finished !== undefined) return finished;
  const step = await compileStep((g) => headsObjective(g, heads, clips), {
    seed,
    threads,
    ...(params === undefined ? {} : { params }),
  });
  const { checkpoint, onProgress, signal } = loop;
  try {
    return await trainLoop({ step, config: clips.loop, seed, batch, checkpoint, onProgress, signal });
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
