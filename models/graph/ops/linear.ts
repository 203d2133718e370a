import type { Graph, Value } from '../graph.ts';
import { broadcast, dimAt, fixed, sameShape, shapeError, shapeText, type Dim } from '../shape.ts';
import { add, mul, relu, sub } from './elementwise.ts';

/** [..., M, K] x [..., K, N]; leading axes broadcast, and a 2-D right side serves them all. */
export function matMul(g: Graph, a: Value, b: Value): Value {
  if (a.shape.length < 2 || b.shape.length < 2 || dimAt(a.shape, -1) !== dimAt(b.shape, -2))
    throw shapeError(`cannot multiply ${shapeText(a.shape)} by ${shapeText(b.shape)}`);
  const lead = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return g.record('MatMul', [a, b], [...lead, dimAt(a.shape, -2), dimAt(b.shape, -1)]);
}

/** x w + b; x [..., I], w [I, O], b [O]. */
export function linear(g: Graph, x: Value, p: { readonly w: Value; readonly b?: Value }): Value {
  const y = matMul(g, x, p.w);
  if (p.b !== undefined && !sameShape(p.b.shape, y.shape.slice(-1)))
    throw shapeError(`the bias of ${shapeText(y.shape)} is no ${shapeText(p.b.shape)}`);
  return p.b === undefined ? y : add(g, y, p.b);
}

export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
}

/** 2-D convolution; x [N, C, H, W], w [O, C, k, k], b [O], to [N, O, H', W']. */
export function conv2d(
  g: Graph,
  x: Value,
  p: { readonly w: Value; readonly b?: Value },
  options: ConvOptions = {},
): Value {
  const { stride = 1, padding = 0 } = options;
  const [batch, channels, height, width] = x.shape;
  const [out, inner, kernel, breadth] = p.w.shape;
  const k = fixed(kernel);
  const size = (dim: Dim | undefined): number => Math.floor((fixed(dim) + 2 * padding - k) / stride) + 1;
  const fits = x.shape.length === 4 && p.w.shape.length === 4 && channels === inner && kernel === breadth;
  if (batch === undefined || out === undefined || !fits || size(height) < 1 || size(width) < 1)
    throw shapeError(`cannot convolve ${shapeText(x.shape)} with ${shapeText(p.w.shape)}`);
  if (p.b !== undefined && !sameShape(p.b.shape, [out]))
    throw shapeError(`the bias of a convolution to ${out} channels is no ${shapeText(p.b.shape)}`);
  const attributes = {
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
    kernel_shape: { ints: [k, k] },
  };
  const shape = [batch, out, size(height), size(width)];
  return g.record('Conv', p.b === undefined ? [x, p.w] : [x, p.w, p.b], shape, attributes);
}

/** Rows of a table [V, D] by int64 ids [...], to [..., D]. */
export function embed(g: Graph, table: Value, ids: Value): Value {
  if (ids.type !== 'int64') throw shapeError(`ids are int64, not ${ids.type}`);
  if (table.shape.length !== 2) throw shapeError(`a table of rows is no ${shapeText(table.shape)}`);
  return g.record('Gather', [table, ids], [...ids.shape, dimAt(table.shape, 1)], { axis: { int: 0 } });
}

/** Position of each token of a mask [N, L] counted over the ones, from 0, as int64 [N, L]. */
export function positions(g: Graph, mask: Value): Value {
  const counted = g.record('CumSum', [mask, g.constant(BigInt64Array.of(1n), [])], mask.shape);
  return g.record('Cast', [relu(g, sub(g, counted, g.scalar(1)))], mask.shape, { to: { int: 7 } }, 'int64');
}

/** Inverted dropout (Srivastava et al., 2014): a mask that the training engine feeds; nothing in inference graphs. */
export function dropout(g: Graph, x: Value, rate: number): Value {
  if (!(rate >= 0 && rate < 1)) throw shapeError(`a dropout rate is in [0, 1), not ${rate}`);
  if (!g.training || rate === 0) return x;
  const mask = g.input(`dropout_${g.dropouts.length}`, x.shape);
  g.dropouts.push({ value: mask, rate });
  return mul(g, x, mask);
}
