import type { LinearLayer } from '../vit/vision-transformer.ts';
import type { GraphView } from './graph-view.ts';
import { expect, matchLinear, type Matched } from './match-layers.ts';
import { unrecognised } from './unrecognised.ts';

export interface Attention {
  readonly heads: number;
  readonly query: LinearLayer;
  readonly key: LinearLayer;
  readonly value: LinearLayer;
  readonly output: LinearLayer;
}

interface Traced {
  /** Where the trace ended: neither a reshape nor a scaling. */
  readonly value: string;
  /** Product of the stored factors on the way; undefined when the graph computes one. */
  readonly scale: number | undefined;
  /** The first Reshape that was applied on the way. */
  readonly reshape: string | undefined;
}

const MOVES: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze']);

/**
 * Multi-head self-attention without a mask that makes `value`, as exporters write it: the heads split by reshapes, the
 * scale on the query, on both sides or on the scores.
 */
export function matchAttention(view: GraphView, value: string | undefined): Matched<Attention> {
  const output = matchLinear(view, value, "attention's output");
  const mixed = expect(view, trace(view, output.input).value, 'MatMul', 'weighted values');
  const softmax = expect(view, trace(view, mixed.input[0]).value, 'Softmax', 'attention weights');
  const onScores = trace(view, softmax.input[0]);
  const scores = expect(view, onScores.value, 'MatMul', 'attention scores without a mask');
  const [query, key, values] = [
    { name: 'query', ...trace(view, scores.input[0]) },
    { name: 'key', ...trace(view, scores.input[1]) },
    { name: 'value', ...trace(view, mixed.input[1]) },
  ].map((traced) => ({ ...traced, matched: matchLinear(view, traced.value, `the ${traced.name}`) }));
  if (query === undefined || key === undefined || values === undefined) throw unrecognised('attention');
  const { input } = query.matched;
  if (key.matched.input !== input || values.matched.input !== input)
    throw unrecognised('self-attention: query, key and value of one input', scores);
  const width = query.matched.layer.output;
  const heads = headCount(view, query.reshape, width);
  const factors = [onScores.scale, query.scale, key.scale];
  const scale = factors.reduce<number | undefined>(
    (product, factor) => (product === undefined || factor === undefined ? undefined : product * factor),
    1,
  );
  const usual = Math.sqrt(heads / width);
  if (scale !== undefined && Math.abs(scale / usual - 1) > 1e-3)
    throw unrecognised(`a scale of ${usual} on the scores`, `${scale}`);
  const layer = {
    heads,
    query: query.matched.layer,
    key: key.matched.layer,
    value: values.matched.layer,
    output: output.layer,
  };
  return { layer, input };
}

/** Walks back over reshapes and scalings. */
function trace(view: GraphView, from: string | undefined): Traced {
  let value = view.source(from);
  let scale: number | undefined = 1;
  let reshape: string | undefined;
  for (;;) {
    const node = view.producer(value);
    if (node === undefined) return { value, scale, reshape };
    if (MOVES.has(node.opType)) {
      if (node.opType === 'Reshape') reshape = node.input[1];
      value = view.source(node.input[0]);
      continue;
    }
    const factor = node.opType === 'Mul' || node.opType === 'Div' ? factorOf(view, node.input) : undefined;
    if (factor === undefined) return { value, scale, reshape };
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

/** Heads of [batch, tokens, heads, size], the target of the reshape that splits them. */
function headCount(view: GraphView, target: string | undefined, width: number): number {
  const dims = target === undefined ? [] : shapeOf(view, target);
  const [, , heads, size] = dims;
  const known = heads !== undefined && heads > 0 ? heads : width / (size ?? Number.NaN);
  if (dims.length === 4 && Number.isInteger(known) && known > 0 && width % known === 0) return known;
  throw unrecognised('a reshape of the query to [batch, tokens, heads, size]', `[${dims.join(', ')}]`);
}

/** A shape that is stored, or put together of parts; what cannot be told is undefined. */
function shapeOf(view: GraphView, name: string): (number | undefined)[] {
  const known = view.constant(name);
  if (known !== undefined) return Array.from(known.data as ArrayLike<number | bigint>, Number);
  const node = view.producer(name);
  if (node?.opType === 'Concat') return node.input.flatMap((part) => shapeOf(view, part));
  return [undefined];
}
