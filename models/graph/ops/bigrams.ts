import type { Graph, Value } from '../graph.ts';
import { dimAt, shapeError, type Dim } from '../shape.ts';

/** Odd factors that spread pairs over the buckets. */
const FIRST = 7919n;
const SECOND = 104_729n;
const TO_THE_END = 2n ** 62n;

/** What {@link bigrams} says of one text without padding, in JavaScript. */
export function bigramsOf(ids: ArrayLike<number>, buckets: number): number[] {
  return Array.from(ids, (id, i) => (id * Number(FIRST) + (ids[i + 1] ?? 0) * Number(SECOND)) % buckets);
}

/**
 * Hashed pairs of neighbours: int64 ids [N, L] and mask [N, L] (1 on tokens) to int64 buckets [N, L], token i with token
 * i + 1; the last token's neighbour is 0, as padding is, so that padding changes no token's bucket.
 */
export function bigrams(g: Graph, ids: Value, mask: Value, buckets: number): Value {
  if (ids.type !== 'int64' || ids.shape.length !== 2) throw shapeError('bigrams are made of int64 ids [N, L]');
  const batch = dimAt(ids.shape, 0);
  const length = dimAt(ids.shape, 1);
  const int = (op: string, inputs: readonly Value[], shape: readonly Dim[] = ids.shape, attributes = {}): Value =>
    g.record(op, inputs, shape, attributes, 'int64');
  const constant = (value: bigint): Value => g.constant(BigInt64Array.of(value), []);
  const vector = (value: bigint): Value => g.constant(BigInt64Array.of(value), [1]);
  const part = (x: Value, start: bigint, end: bigint, dim: Dim): Value =>
    int('Slice', [x, vector(start), vector(end), vector(1n)], [batch, dim]);
  const shown = int('Mul', [ids, int('Cast', [mask], mask.shape, { to: { int: 7 } })]);
  const after = part(shown, 1n, TO_THE_END, typeof length === 'number' ? length - 1 : `${length} - 1`);
  const nothing = int('Mul', [part(shown, 0n, 1n, 1), constant(0n)], [batch, 1]);
  const next = int('Concat', [after, nothing], ids.shape, { axis: { int: 1 } });
  const mixed = int('Add', [int('Mul', [shown, constant(FIRST)]), int('Mul', [next, constant(SECOND)])]);
  return int('Mod', [mixed, constant(BigInt(buckets))]);
}
