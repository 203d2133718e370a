import { component, type Component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { add, clip, complement, concat, maskedMean, mul, reshape, scale, sum, unsqueeze } from '../graph/ops/index.ts';
import type { ParamTree, ParamValues } from '../graph/param.ts';
import { gru } from './gru.ts';
import { inferenceHead } from './inference-head.ts';
import { slotTransformer } from './slot-transformer.ts';
import { taskHead, type TaskHeadOutput } from './task-head.ts';

export interface HeadsConfig {
  /** d: size of an embedding. */
  readonly dimension: number;
  /** n: slots of the window. */
  readonly slots: number;
  /** Units of the temporal encoder's state. */
  readonly temporal: number;
  /** How the frames are read: the paper's recurrent network, a transformer over the slots, or their mean. */
  readonly pooling: 'gru' | 'transformer' | 'mean';
  /** Hidden units of the inference heads. */
  readonly inference: number;
  /** Hidden layers of the inference heads; 1 unless given. */
  readonly depth?: number;
  /** Missing frames are filled with the virtual embedding, or left out while any is observed; `fill` unless given. */
  readonly frames?: 'fill' | 'drop';
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

export interface HeadsOutput extends TaskHeadOutput {
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
  const { dimension, inference, task, emotions } = config;
  const { depth = 1 } = config;
  const temporalSize = config.pooling === 'mean' ? dimension : config.temporal;
  const reader = temporalReader(config);
  const textToVisual = inferenceHead(dimension, inference, dimension, depth);
  const visualToText = inferenceHead(temporalSize, inference, dimension, depth);
  const head = taskHead({ input: temporalSize + dimension, task, emotions, dropout: config.dropout });
  const params = {
    temporal: reader.params,
    textToVisual: textToVisual.params,
    visualToText: visualToText.params,
    task: head.params,
  };
  return component(params, (g, p, input: HeadsInput): HeadsOutput => {
    const [batch = 1] = input.video.shape;
    const temporal = (x: Value, observed?: Value): Value =>
      reader.forward(g, p.temporal, observed === undefined ? { x } : { x, mask: observed });
    const text = reshape(g, input.text, [batch, dimension]);
    const missingText = complement(g, input.textMask);
    const observed = temporal(input.video, input.videoMask);
    const virtualText = visualToText.forward(g, p.visualToText, observed);
    const fill = (virtual: Value): Value => (config.fill === 'virtual' ? virtual : scale(g, virtual, 0));
    const filledText = add(g, mul(g, text, input.textMask), mul(g, fill(virtualText), missingText));
    const virtualVideo = textToVisual.forward(g, p.textToVisual, filledText);
    const readFilled = ({ video, videoMask, virtual }: Filling): Value => {
      const [rows = 1] = video.shape;
      const mask = unsqueeze(g, videoMask);
      const repeated = reshape(g, virtual, [rows, 1, dimension]);
      const frames = add(g, mul(g, video, mask), mul(g, repeated, complement(g, mask)));
      return config.frames === 'drop' ? temporal(frames, readable(g, videoMask)) : temporal(frames);
    };
    const filling = { video: input.video, videoMask: input.videoMask, virtual: fill(virtualVideo) };
    const read = g.training ? readFilled(filling) : onlyIncomplete(g, filling, observed, readFilled);
    const predicted = head.forward(g, p.task, concat(g, [read, filledText], 1));
    return { ...predicted, virtualVideo, virtualText };
  });
}

interface Frames {
  readonly x: Value;
  readonly mask?: Value;
}

interface Filling {
  /** [N, n, d] and [N, n]. */
  readonly video: Value;
  readonly videoMask: Value;
  /** What fills the missing frames, [N, d]. */
  readonly virtual: Value;
}

/** Reads filled frames where a frame is missing; elsewhere `observed`, which is the reading of the same frames. */
function onlyIncomplete(g: Graph, filling: Filling, observed: Value, read: (filling: Filling) => Value): Value {
  const { video, videoMask, virtual } = filling;
  const [batch = 1] = videoMask.shape;
  const holes = g.record('ReduceMax', [complement(g, videoMask), g.ints([1])], [batch], { keepdims: { int: 0 } });
  const most = g.record('ReduceMax', [holes, g.ints([0])], [], { keepdims: { int: 0 } });
  const any = g.record('Greater', [most, g.scalar(0)], [], {}, 'bool');
  const again = (): Value => {
    const index = g.record(
      'Reshape',
      [g.record('NonZero', [holes], [1, 'K'], {}, 'int64'), g.ints([-1])],
      ['K'],
      {},
      'int64',
    );
    const take = (value: Value): Value =>
      g.record('Gather', [value, index], ['K', ...value.shape.slice(1)], { axis: { int: 0 } });
    const filled = read({ video: take(video), videoMask: take(videoMask), virtual: take(virtual) });
    const places = g.record('Reshape', [index, g.ints([-1, 1])], ['K', 1], {}, 'int64');
    return g.record('ScatterND', [observed, places, filled], observed.shape);
  };
  return g.choose(any, observed.shape, { yes: again, no: () => observed });
}

/** x [N, n, d] and mask [N, n] (all ones unless given) to [N, temporal], or [N, d] for the mean. */
function temporalReader({ pooling, dimension, slots, temporal }: HeadsConfig): Component<ParamTree, Frames, Value> {
  if (pooling === 'gru') return anyReader(gru(dimension, temporal));
  if (pooling === 'transformer')
    return anyReader(slotTransformer({ input: dimension, slots, width: temporal, layers: 1, heads: 4 }));
  return component({}, (g, _, { x, mask }: Frames) =>
    maskedMean(g, x, mask ?? g.constant(new Float32Array(slots).fill(1), [1, slots])),
  );
}

/** Readers of different parameters as one type; each only ever gets the values of its own. */
function anyReader<P extends ParamTree>(reader: Component<P, Frames, Value>): Component<ParamTree, Frames, Value> {
  return {
    params: reader.params,
    forward: (g, p, frames) => reader.forward(g, p as ParamValues<P>, frames),
  };
}

/** The mask [N, n], or ones where nothing of it is observed: then every slot holds the virtual embedding. */
function readable(g: Graph, mask: Value): Value {
  const any = clip(g, sum(g, mask, [1], true), 0, 1);
  return add(g, mask, complement(g, any));
}
