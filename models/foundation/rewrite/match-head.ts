import type { VisionTransformer } from '../vit/vision-transformer.ts';
import { intsAttribute, type GraphView } from './graph-view.ts';
import { isResidual } from './match-block.ts';
import { matchLinear } from './match-layers.ts';
import { matchPool, type Pooled } from './match-pool.ts';

export interface Head extends Pooled, Pick<VisionTransformer, 'projection' | 'unit'> {}

const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'Gemm']);

/**
 * What makes the embedding `value` of the tokens: their norm and pooling, perhaps a projection and a division by the length.
 *
 * @throws UndertoneError `rewrite_unrecognised`
 */
export function matchHead(view: GraphView, value: string): Head {
  const projected = matchUnit(view, value);
  const unit = projected === undefined ? {} : { unit: true };
  const at = projected ?? value;
  if (!isProjection(view, at)) return { ...matchPool(view, at), ...unit };
  const { layer: projection, input } = matchLinear(view, at, 'a projection to the embedding');
  return { ...matchPool(view, input), projection, ...unit };
}

/** Whether a value is a product, perhaps with a stored bias. */
function isProjection(view: GraphView, value: string): boolean {
  const node = view.producer(value);
  const added = node?.opType === 'Add' && !isResidual(view, value);
  const product = added ? node.input.find((input) => view.constant(input) === undefined) : value;
  return PRODUCTS.has(view.producer(product)?.opType ?? '');
}

/** The value that `value` is the L2-normalised form of; undefined where it is none. */
function matchUnit(view: GraphView, value: string): string | undefined {
  const node = view.producer(value);
  if (node?.opType !== 'Div') return undefined;
  let length = view.producer(node.input[1]);
  while (length?.opType === 'Clip' || length?.opType === 'Expand') length = view.producer(length.input[0]);
  if (length?.opType !== 'ReduceL2') return undefined;
  const axes = intsAttribute(length, 'axes') ?? [view.scalar(length.input[1])];
  const whole = axes.length === 1 && (axes[0] === -1 || axes[0] === 1);
  return whole && view.source(length.input[0]) === view.source(node.input[0]) ? node.input[0] : undefined;
}
