import { linearParams } from '../encoders/layers.ts';
import { component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import {
  add,
  clip,
  complement,
  concat,
  dropout,
  gelu,
  linear,
  maskedMean,
  mul,
  reshape,
  scale,
  select,
  tanh,
} from '../graph/ops/index.ts';
import { gru } from './gru.ts';
import { inferenceHead } from './inference-head.ts';

export interface HeadsConfig {
  /** d: size of an embedding. */
  readonly dimension: number;
  /** n: slots of the window. */
  readonly slots: number;
  /** Units of the temporal encoder's state. */
  readonly temporal: number;
  /** How the frames are read: the paper's recurrent network, or their mean. */
  readonly pooling: 'gru' | 'mean';
  /** Hidden units of the inference heads. */
  readonly inference: number;
  /** Hidden units of the task head. */
  readonly task: number;
  readonly emotions: number;
  readonly dropout: number;
  /** What stands where nothing was observed: the synthesis, or zeros (the baseline without it). */
  readonly fill: 'virtual' | 'zero';
}

/** What was observed: embeddings with zeros elsewhere, and masks that are 1 where observed. */
export interface HeadsInput {
  /** [N, n, d] and [N, n]. */
  readonly video: Value;
  readonly videoMask: Value;
  /** [N, 1, d] and [N, 1]. */
  readonly text: Value;
  readonly textMask: Value;
}

export interface HeadsOutput {
  /** [N], in [-3, 3]. */
  readonly score: Value;
  /** [N], in [-6, 4]. */
  readonly logVariance: Value;
  /** [N, 3]. */
  readonly sentimentLogits: Value;
  /** [N, E]. */
  readonly emotionLogits: Value;
  /** v̂ and t̂ [N, d], L2-normalised. */
  readonly virtualVideo: Value;
  readonly virtualText: Value;
}

/**
 * Temporal encoder, inference heads and task head of TRML (arXiv 2401.13697) as one graph for every presence pattern.
 *
 *     t̂   = V2T(Temporal(observed F))     z_t  = m_t e_t + (1 - m_t) t̂
 *     v̂   = T2V(z_t)                      F'_i = m_i F_i + (1 - m_i) v̂
 *     h_v = Temporal(F')                  y    = Head([h_v ; z_t])
 *
 * With the text missing and some frames too, the missing frames come from the virtual text. With nothing observed the
 * outputs mean nothing: callers ask only when there is something.
 */
export function trmlHeads(config: HeadsConfig) {
  const { dimension, slots, inference, task, emotions } = config;
  const temporalSize = config.pooling === 'gru' ? config.temporal : dimension;
  const recurrent = gru(dimension, config.temporal);
  const textToVisual = inferenceHead(dimension, inference, dimension);
  const visualToText = inferenceHead(temporalSize, inference, dimension);
  const params = {
    temporal: recurrent.params,
    textToVisual: textToVisual.params,
    visualToText: visualToText.params,
    task: {
      hidden: linearParams(temporalSize + dimension, task),
      score: linearParams(task, 1, 0.3),
      logVariance: linearParams(task, 1, 0.3),
      sentiment: linearParams(task, 3, 0.3),
      emotion: linearParams(task, emotions, 0.3),
    },
  };
  return component(params, (g, p, input: HeadsInput): HeadsOutput => {
    const [batch = 1] = input.video.shape;
    const temporal = (x: Value, mask?: Value): Value => {
      if (config.pooling === 'gru') return recurrent.forward(g, p.temporal, mask === undefined ? { x } : { x, mask });
      return maskedMean(g, x, mask ?? g.constant(new Float32Array(slots).fill(1), [1, slots]));
    };
    const text = reshape(g, input.text, [batch, dimension]);
    const missingText = complement(g, input.textMask);
    const virtualText = visualToText.forward(g, p.visualToText, temporal(input.video, input.videoMask));
    const fill = (virtual: Value): Value => (config.fill === 'virtual' ? virtual : scale(g, virtual, 0));
    const filledText = add(g, mul(g, text, input.textMask), mul(g, fill(virtualText), missingText));
    const virtualVideo = textToVisual.forward(g, p.textToVisual, filledText);
    const mask = g.record('Unsqueeze', [input.videoMask, g.ints([-1])], [...input.videoMask.shape, 1]);
    const repeated = reshape(g, fill(virtualVideo), [batch, 1, dimension]);
    const frames = add(g, mul(g, input.video, mask), mul(g, repeated, complement(g, mask)));
    const joint = concat(g, [temporal(frames), filledText], 1);
    const hidden = dropout(g, gelu(g, linear(g, joint, p.task.hidden)), config.dropout);
    return {
      score: scale(g, tanh(g, scale(g, column(g, linear(g, hidden, p.task.score)), 1 / 3)), 3),
      logVariance: clip(g, column(g, linear(g, hidden, p.task.logVariance)), -6, 4),
      sentimentLogits: linear(g, hidden, p.task.sentiment),
      emotionLogits: linear(g, hidden, p.task.emotion),
      virtualVideo,
      virtualText,
    };
  });
}

/** [N, 1] to [N]. */
function column(g: Graph, x: Value): Value {
  return select(g, x, 1, 0);
}
