import { linearParams, transformer, transformerParams } from '../../../models/encoders/layers.ts';
import { component } from '../../../models/graph/component.ts';
import type { Graph, Value } from '../../../models/graph/graph.ts';
import {
  add,
  clip,
  complement,
  concat,
  dropout,
  gelu,
  linear,
  mul,
  reshape,
  sum,
} from '../../../models/graph/ops/index.ts';
import { weight } from '../../../models/graph/param.ts';
import { slotTransformer } from '../../../models/heads/slot-transformer.ts';
import { taskHead } from '../../../models/heads/task-head.ts';
import type { HeadsConfig, HeadsInput } from '../../../models/heads/trml.ts';
import type { LateFusionConfig } from '../methods.ts';

const ATTENTION_HEADS = 4;

/**
 * Late fusion: a transformer over the frames that are there and a projection of the text, each its own branch; a learnt
 * vector stands for a branch of which nothing is there, and a fusion block lets the two attend to each other before one
 * task head reads both.
 */
export function lateFusionNet(heads: HeadsConfig, { layers, width, dropout: rate }: LateFusionConfig) {
  const { dimension, slots, task, emotions } = heads;
  const video = slotTransformer({ input: dimension, slots, width, layers, heads: ATTENTION_HEADS });
  const head = taskHead({ input: 2 * width, task, emotions, dropout: rate });
  const params = {
    video: video.params,
    text: { up: linearParams(dimension, width), down: linearParams(width, width) },
    absent: { video: weight([1, width], 0.1), text: weight([1, width], 0.1) },
    fusion: transformerParams(width, 2 * width),
    task: head.params,
  };
  return component(params, (g, p, input: HeadsInput) => {
    const [batch = 1] = input.video.shape;
    const seen = video.forward(g, p.video, { x: input.video, mask: input.videoMask });
    const embedded = reshape(g, input.text, [batch, dimension]);
    const said = linear(g, gelu(g, linear(g, embedded, p.text.up)), p.text.down);
    const anyFrame = clip(g, sum(g, input.videoMask, [1], true), 0, 1);
    const branch = (value: Value, there: Value, absent: Value): Value =>
      reshape(g, dropout(g, choose(g, value, absent, there), rate), [batch, 1, width]);
    const tokens = concat(g, [branch(seen, anyFrame, p.absent.video), branch(said, input.textMask, p.absent.text)], 1);
    const fused = transformer(g, tokens, p.fusion, { heads: ATTENTION_HEADS });
    return head.forward(g, p.task, reshape(g, fused, [batch, 2 * width]));
  });
}

/** `a` where `mask` [N, 1] is 1, `b` where it is 0. */
function choose(g: Graph, a: Value, b: Value, mask: Value): Value {
  return add(g, mul(g, a, mask), mul(g, b, complement(g, mask)));
}
