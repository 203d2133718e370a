import type { AttentionLayers, LinearLayer } from '../vit/vision-transformer.ts';
import { cutOutputs } from './cut-outputs.ts';
import { intAttribute, MOVES, type GraphView } from './graph-view.ts';
import { expect, matchLinear, type Matched } from './match-layers.ts';
import { unrecognised } from './unrecognised.ts';

export interface Attention extends AttentionLayers {
  readonly heads: number;
}

export interface MatchedAttention extends Matched<Attention> {
  /** The value that queries are made of; `input` is what keys and values are made of. */
  readonly asking: string;
}

interface Traced {
  /** Where the trace ended: neither a reshape, a part of something nor a scaling. */
  readonly value: string;
  /** Product of the stored factors on the way; undefined when the graph computes one. */
  readonly scale: number | undefined;
  /** Targets of the Reshapes on the way. */
  readonly reshapes: readonly string[];
}

const ROLES = ['query', 'key', 'value'] as const;
const PARTS: ReadonlySet<string> = new Set(['Split', 'Slice', 'Gather']);

/** Multi-head self-attention that makes `value`, as {@link matchCrossAttention} knows it. */
export function matchAttention(view: GraphView, value: string | undefined): Matched<Attention> {
  const { layer, input, asking } = matchCrossAttention(view, value);
  if (asking !== input) throw unrecognised('self-attention: query, key and value of one input', view.producer(asking));
  return { layer, input };
}

/**
 * Multi-head attention without a mask that makes `value`, as exporters write it: the heads split by reshapes, the scale on
 * the query, on both sides or on the scores; or ONNX's own operator. Query, key and value are a layer each, or the parts of
 * a fused one, in this order, however they are cut out: another order does not pass the proof of a rewrite.
 */
export function matchCrossAttention(view: GraphView, value: string | undefined): MatchedAttention {
  const output = matchLinear(view, view.unmoved(value), "attention's output");
  const width = output.layer.input;
  const { sides, ...mixing } = matchMixing(view, trace(view, output.input).value);
  const traced = ROLES.map((role, i) => ({ role, ...trace(view, sides[i]) }));
  const whole = view.uncut();
  const layers = traced.map(({ role, value: made }, i) => {
    const { layer, input } = matchLinear(whole, made, `the ${role}`);
    return { layer: partOf(layer, i, width), input: view.unmoved(input) };
  });
  const [query, key, values] = layers;
  if (query === undefined || key === undefined || values === undefined) throw unrecognised('attention');
  if (key.input !== values.input) throw unrecognised('attention: key and value of one input', view.producer(sides[0]));
  const heads = mixing.heads ?? headCount(view, traced[0]?.reshapes ?? [], width);
  const factors = [mixing.scale, traced[0]?.scale, traced[1]?.scale];
  const scale = factors.reduce<number | undefined>(
    (product, factor) => (product === undefined || factor === undefined ? undefined : product * factor),
    1,
  );
  const usual = Math.sqrt(heads / width);
  if (scale !== undefined && Math.abs(scale / usual - 1) > 1e-3)
    throw unrecognised(`a scale of ${usual} on the scores`, `${scale}`);
  const layer = { heads, query: query.layer, key: key.layer, value: values.layer, output: output.layer };
  return { layer, input: key.input, asking: query.input };
}

/** The layer of one role out of a layer of its own, one of key and value, or one of all three. */
function partOf(layer: LinearLayer, role: number, width: number): LinearLayer {
  const roles = layer.output / width;
  if (roles === 1) return layer;
  const at = role - (ROLES.length - roles);
  if ((roles !== 2 && roles !== ROLES.length) || at < 0)
    throw unrecognised(`a ${ROLES[role]} of ${width} values`, `${layer.output}`);
  return cutOutputs(layer, at * width, width);
}

interface Mixing {
  /** What query, key and value are made of. */
  readonly sides: readonly string[];
  /** Of the scores; undefined when the graph computes it, or leaves it to the operator. */
  readonly scale: number | undefined;
  readonly heads?: number | undefined;
}

/** The values weighted by query and key: MatMul, Softmax and MatMul, or Attention (opset 23). */
function matchMixing(view: GraphView, value: string): Mixing {
  const node = view.producer(value);
  if (node?.opType === 'Attention') {
    const masked =
      node.input.slice(ROLES.length).some((name) => name !== '') || intAttribute(node, 'is_causal', 0) !== 0;
    if (masked) throw unrecognised('attention without a mask', node);
    const scale = node.attribute.find(({ name }) => name === 'scale')?.f;
    return { sides: node.input, scale, heads: intAttribute(node, 'q_num_heads', 0) || undefined };
  }
  const mixed = expect(view, value, 'MatMul', 'weighted values');
  const softmax = expect(view, trace(view, mixed.input[0]).value, 'Softmax', 'attention weights');
  const { value: made, scale } = trace(view, softmax.input[0]);
  const scores = expect(view, made, 'MatMul', 'attention scores without a mask');
  return { sides: [...scores.input, mixed.input[1] ?? ''], scale };
}

/** Walks back over reshapes, cuts and scalings. */
function trace(view: GraphView, from: string | undefined): Traced {
  let value = view.source(from);
  let scale: number | undefined = 1;
  const reshapes: string[] = [];
  for (;;) {
    const node = view.producer(value);
    if (node === undefined) return { value, scale, reshapes };
    if (MOVES.has(node.opType) || PARTS.has(node.opType)) {
      if (node.opType === 'Reshape') reshapes.push(node.input[1] ?? '');
      value = view.source(node.input[0]);
      continue;
    }
    const factor = node.opType === 'Mul' || node.opType === 'Div' ? factorOf(view, node.input) : undefined;
    if (factor === undefined) return { value, scale, reshapes };
    const by: number = node.opType === 'Div' ? 1 / factor.by : factor.by;
    scale = scale === undefined || Number.isNaN(by) ? undefined : scale * by;
    value = view.source(factor.of);
  }
}

/** Which input of a product is a factor: a stored number, or one that the graph computes from shapes (NaN). */
function factorOf(view: GraphView, inputs: readonly string[]): { by: number; of: string } | undefined {
  const [a = '', b = ''] = inputs;
  for (const [factor, of] of [
    [b, a],
    [a, b],
  ] as const) {
    const known = view.scalar(factor);
    if (known !== undefined) return { by: known, of };
    if (isOfShapes(view, factor)) return { by: Number.NaN, of };
  }
  return undefined;
}

/** Whether a value depends on nothing but stored numbers and the shapes of tensors. */
function isOfShapes(view: GraphView, value: string, depth = 12): boolean {
  if (view.constant(value) !== undefined) return true;
  const node = view.producer(value);
  if (node === undefined || depth === 0) return false;
  return node.opType === 'Shape' || node.input.every((input) => input === '' || isOfShapes(view, input, depth - 1));
}

/**
 * Heads of a query of `width` values that is reshaped to [batch, tokens, heads, size] or, heads in the batch, to [tokens,
 * batch heads, size]: by the smallest last dimension, which is the size of a head, or by the heads where that is not told.
 */
function headCount(view: GraphView, targets: readonly string[], width: number): number {
  const shapes = targets.map((target) => shapeOf(view, target, width));
  const sizes = shapes.flatMap((dims) => dims.at(-1) ?? []).filter((size) => size > 0);
  const told = shapes.find((dims) => dims.length === 4)?.[2];
  const heads = sizes.length > 0 ? width / Math.min(...sizes) : told;
  if (heads !== undefined && Number.isInteger(heads) && heads > 0 && width % heads === 0) return heads;
  const found = shapes.map((dims) => `[${dims.join(', ')}]`).join(', ');
  throw unrecognised('a reshape of the query to [batch, tokens, heads, size]', found || undefined);
}

/** A shape that is stored, or put together of parts; what cannot be told is undefined. */
function shapeOf(view: GraphView, name: string, width: number): (number | undefined)[] {
  const known = view.constant(name);
  if (known !== undefined) return Array.from(known.data as ArrayLike<number | bigint>, Number);
  const node = view.producer(name);
  if (node?.opType === 'Concat') return node.input.flatMap((part) => shapeOf(view, part, width));
  // PyTorch's own attention has the size of a head from the width, divided by the stored heads.
  const division = view.producer(view.unmoved(name));
  const heads = division?.opType === 'Div' ? view.scalar(division.input[1]) : undefined;
  return [heads === undefined ? undefined : width / heads];
}
