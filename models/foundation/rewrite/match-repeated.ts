import type { GraphView } from './graph-view.ts';
import { unrecognised } from './unrecognised.ts';

/** The stored token of `width` values that is repeated for every picture of a batch. @throws UndertoneError `rewrite_unrecognised` */
export function matchRepeated(view: GraphView, value: string | undefined, what: string, width: number): Float32Array {
  const token = view.floats(repeatedOf(view, value), what);
  if (token.length !== width) throw unrecognised(`${what} of ${width} values`, `${token.length}`);
  return token;
}

/** What is repeated: by Expand or Tile, one after the other even, or added to as many zeros. */
function repeatedOf(view: GraphView, value: string | undefined): string | undefined {
  const node = view.producer(value);
  if (node?.opType === 'Expand' || node?.opType === 'Tile') return repeatedOf(view, node.input[0]);
  if (node?.opType !== 'Add') return value;
  return node.input.find((_, i) => isZeros(view, node.input[1 - i])) ?? value;
}

function isZeros(view: GraphView, value: string | undefined): boolean {
  const node = view.producer(value);
  return node?.opType === 'ConstantOfShape' || (node?.opType === 'Expand' && view.scalar(node.input[0]) === 0);
}
