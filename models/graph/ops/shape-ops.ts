import type { Graph, Value } from '../graph.ts';
import {
  axisOf,
  broadcast,
  dimAt,
  fixed,
  reshapeTarget,
  sameShape,
  shapeError,
  shapeText,
  type Dim,
  type Shape,
} from '../shape.ts';

/** The same elements in another shape; symbolic dimensions keep their order. */
export function reshape(g: Graph, x: Value, shape: Shape): Value {
  if (fixedSize(x.shape) !== fixedSize(shape) || symbols(x.shape) !== symbols(shape))
    throw shapeError(`cannot reshape ${shapeText(x.shape)} to ${shapeText(shape)}`);
  return sameShape(x.shape, shape) ? x : g.record('Reshape', [x, g.ints(reshapeTarget(x.shape, shape))], shape);
}

/** Output axis i is input axis `order[i]`. */
export function transpose(g: Graph, x: Value, order: readonly number[]): Value {
  if ([...order].sort((a, b) => a - b).some((axis, i) => axis !== i) || order.length !== x.shape.length)
    throw shapeError(`order ${order.join()} does not permute ${shapeText(x.shape)}`);
  return g.record(
    'Transpose',
    [x],
    order.map((axis) => dimAt(x.shape, axis)),
    { perm: { ints: order } },
  );
}

export function concat(g: Graph, parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  if (first === undefined) throw shapeError('nothing to concatenate');
  const at = axisOf(first.shape, axis);
  for (const part of parts) {
    if (part.shape.length !== first.shape.length || part.shape.some((dim, i) => i !== at && dim !== first.shape[i]))
      throw shapeError(`cannot concatenate ${parts.map((p) => shapeText(p.shape)).join(' and ')} on axis ${axis}`);
  }
  const total = parts.reduce((sum, part) => sum + fixed(part.shape[at]), 0);
  return g.record('Concat', parts, replaced(first.shape, at, total), { axis: { int: at } });
}

/** Elements `start` to `end` (exclusive) of an axis. */
export function slice(g: Graph, x: Value, axis: number, start: number, end: number): Value {
  const at = axisOf(x.shape, axis);
  const dim = dimAt(x.shape, at);
  if (start < 0 || end <= start || end > fixed(dim))
    throw shapeError(`no slice ${start}:${end} of ${shapeText(x.shape)}`);
  return g.record('Slice', [x, g.ints([start]), g.ints([end]), g.ints([at])], replaced(x.shape, at, end - start));
}

/** Element `index` of an axis, without the axis. */
export function select(g: Graph, x: Value, axis: number, index: number): Value {
  const at = axisOf(x.shape, axis);
  return reshape(
    g,
    slice(g, x, at, index, index + 1),
    x.shape.filter((_, i) => i !== at),
  );
}

/** A new last axis of size 1. */
export function unsqueeze(g: Graph, x: Value): Value {
  return g.record('Unsqueeze', [x, g.ints([-1])], [...x.shape, 1]);
}

/** Repeats axes of size 1 up to `shape`, whose dimensions must be fixed. */
export function expand(g: Graph, x: Value, shape: readonly number[]): Value {
  if (!sameShape(broadcast(x.shape, shape), shape))
    throw shapeError(`cannot expand ${shapeText(x.shape)} to ${shapeText(shape)}`);
  return sameShape(x.shape, shape) ? x : g.record('Expand', [x, g.ints(shape)], shape);
}

/** Zeros before and after each axis. */
export function pad(g: Graph, x: Value, before: readonly number[], after: readonly number[]): Value {
  const amounts = [...before, ...after];
  const rank = x.shape.length;
  if (before.length !== rank || after.length !== rank || amounts.some((n) => n < 0 || !Number.isInteger(n)))
    throw shapeError(`cannot pad ${shapeText(x.shape)} by ${shapeText(before)} and ${shapeText(after)}`);
  const shape = x.shape.map((dim, i) => {
    const extra = (before[i] ?? 0) + (after[i] ?? 0);
    return extra === 0 ? dim : fixed(dim) + extra;
  });
  return sameShape(shape, x.shape) ? x : g.record('Pad', [x, g.ints(amounts)], shape);
}

/** uint8, bool or int64 to float32; no gradient flows. */
export function toFloat(g: Graph, x: Value): Value {
  return x.type === 'float32' ? x : g.record('Cast', [x], x.shape, { to: { int: 1 } });
}

/** 1 where int64 ids are not `id` and 0 where they are, as float32; no gradient flows. */
export function present(g: Graph, ids: Value, id: number): Value {
  const equal = g.record('Equal', [ids, g.constant(BigInt64Array.of(BigInt(id)), [])], ids.shape, {}, 'bool');
  return toFloat(g, g.record('Not', [equal], ids.shape, {}, 'bool'));
}

/** The value without a gradient. */
export function stopGradient(g: Graph, x: Value): Value {
  return g.record('Identity', [x], x.shape, {}, x.type);
}

/** Product of the fixed dimensions. */
function fixedSize(shape: Shape): number {
  return shape.reduce<number>((n, dim) => n * (typeof dim === 'number' ? dim : 1), 1);
}

function symbols(shape: Shape): string {
  return shape.filter((dim) => typeof dim === 'string').join();
}

function replaced(shape: Shape, axis: number, dim: Dim): Shape {
  return shape.map((old, i) => (i === axis ? dim : old));
}
