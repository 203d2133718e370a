import { apply } from '../../models/graph/component.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { add, scale } from '../../models/graph/ops/index.ts';
import type { HeadsConfig } from '../../models/heads/trml.ts';
import type { Objective } from '../engine/compile-step.ts';
import { crossEntropy, squaredError, weightedMean } from '../losses/losses.ts';
import { virtualLoss } from '../losses/virtual-loss.ts';
import type { HeadsStageConfig } from '../recipes/recipe.ts';
import { methodNet } from './nets/method-net.ts';
import type { Method } from './methods.ts';

/**
 * The training graph of a method: the task losses, with the recipe's weights, and semantic matching where the method
 * synthesises. Inputs are those of `methodBatch`.
 */
export function methodObjective(
  g: Graph,
  method: Method,
  heads: HeadsConfig,
  config: Pick<HeadsStageConfig, 'alpha' | 'tau' | 'symmetric' | 'weights'>,
  batch: number,
): Objective {
  const { slots, dimension, emotions } = heads;
  const { alpha, tau, symmetric, pull = 0 } = { ...config, ...method.matching };
  const { weights } = config;
  const label = (name: string, width?: number): Value => g.input(name, width === undefined ? [batch] : [batch, width]);
  const out = apply(g, methodNet(method, heads), 'net', {
    video: g.input('video', [batch, slots, dimension]),
    videoMask: g.input('video_mask', [batch, slots]),
    text: g.input('text', [batch, 1, dimension]),
    textMask: g.input('text_mask', [batch, 1]),
  });
  const task = [
    scale(g, weightedMean(g, squaredError(g, out.score, label('score')), label('has_score')), weights.score),
    scale(
      g,
      weightedMean(g, crossEntropy(g, out.sentimentLogits, label('sentiment', 3)), label('has_sentiment')),
      weights.sentiment,
    ),
    scale(
      g,
      weightedMean(g, crossEntropy(g, out.emotionLogits, label('emotion', emotions)), label('has_emotion')),
      weights.emotion,
    ),
  ];
  if (out.virtualVideo !== undefined && out.virtualText !== undefined && method.fill === 'net' && alpha > 0) {
    const match = (virtual: Value, target: string, valid: string): Value =>
      virtualLoss(g, virtual, label(target, dimension), label(valid), { tau, symmetric, pull });
    task.push(scale(g, match(out.virtualVideo, 'video_target', 'text_sees'), alpha));
    task.push(scale(g, match(out.virtualText, 'text_target', 'video_sees'), alpha));
  }
  return { loss: task.reduce((a, b) => add(g, a, b)) };
}
