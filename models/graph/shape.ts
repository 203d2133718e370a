import { UndertoneError } from '../errors.ts';

/** A size, or the name of a symbolic one (the batch of an inference graph). */
export type Dim = number | string;
export type Shape = readonly Dim[];

export function shapeText(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function shapeError(message: string): UndertoneError {
  return new UndertoneError('graph_shape', message);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** Number of elements. @throws UndertoneError `graph_shape` for a symbolic dimension */
export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((size, dim) => size * fixed(dim), 1);
}

/** The dimension as a number. @throws UndertoneError `graph_shape` for a symbolic one */
export function fixed(dim: Dim | undefined): number {
  if (typeof dim === 'number') return dim;
  throw shapeError(`dimension ${dim ?? 'out of range'} must be a number here`);
}

/** Axis counted from the front; negative ones count from the end. */
export function axisOf(shape: Shape, axis: number): number {
  const positive = axis < 0 ? axis + shape.length : axis;
  if (positive < 0 || positive >= shape.length) throw shapeError(`no axis ${axis} in ${shapeText(shape)}`);
  return positive;
}

export function dimAt(shape: Shape, axis: number): Dim {
  return shape[axisOf(shape, axis)] as Dim;
}

/** NumPy's broadcasting rule. A symbolic dimension broadcasts with itself and with 1. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw shapeError(`${shapeText(a)} and ${shapeText(b)} do not broadcast`);
  });
}

/**
 * Target of an ONNX Reshape: a symbolic dimension that stays in its place is written as 0 (copied), and one that moves
 * as -1 (inferred), of which there can be one.
 */
export function reshapeTarget(from: Shape, to: Shape): number[] {
  const target = to.map((dim, i) => (typeof dim === 'number' ? dim : dim === from[i] ? 0 : -1));
  if (target.filter((dim) => dim === -1).length > 1)
    throw shapeError(`${shapeText(from)} to ${shapeText(to)} moves more than one symbolic dimension`);
  return target;
}
