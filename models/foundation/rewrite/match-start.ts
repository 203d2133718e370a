import type { NodeProto } from '../../graph/onnx/gen/onnx_pb.ts';
import type { VisionTransformer } from '../vit/vision-transformer.ts';
import { intAttribute, intsAttribute, type GraphView } from './graph-view.ts';
import { expect } from './match-layers.ts';
import { matchRepeated } from './match-repeated.ts';
import { unrecognised } from './unrecognised.ts';

type Start = Pick<
  VisionTransformer,
  'imageSize' | 'patch' | 'width' | 'patchWeight' | 'patchBias' | 'classToken' | 'positions'
>;

/** Whether a value is the sum of tokens and stored positions. */
export function isStart(view: GraphView, value: string): boolean {
  const node = view.producer(value);
  return (
    node?.opType === 'Add' &&
    node.input.some((input) => view.constant(input)?.data instanceof Float32Array) &&
    node.input.some((input) => areTokens(view, input))
  );
}

/** Whether a value is patches, or something and patches. */
function areTokens(view: GraphView, value: string): boolean {
  return view.producer(value)?.opType === 'Concat' || view.producer(view.unmoved(value))?.opType === 'Conv';
}

/**
 * The sum of positions and tokens that makes `value`: patches of `pixels`, perhaps with a class token before them.
 *
 * @throws UndertoneError `rewrite_unrecognised`
 */
export function matchStart(view: GraphView, value: string, pixels: string): Start {
  const sum = expect(view, value, 'Add', 'positions added to the tokens');
  const [positions, tokens] = sum.input.toSorted((a, b) => Number(areTokens(view, a)) - Number(areTokens(view, b)));
  const concat = view.producer(tokens);
  const classed = concat?.opType === 'Concat';
  if (classed && (concat.input.length !== 2 || intAttribute(concat, 'axis', 0) !== 1))
    throw unrecognised('the class token alone before the patches', concat);
  const conv = matchPatches(view, classed ? concat.input[1] : tokens, pixels);
  const width = view.constant(conv.input[1])?.dims[0] ?? 0;
  const patch = intsAttribute(conv, 'kernel_shape')?.[0] ?? 0;
  const patchWeight = view.floats(conv.input[1], 'patch weights', [width, 3, patch, patch]);
  const patchBias =
    conv.input[2] === undefined ? undefined : view.floats(conv.input[2], 'the bias of patches', [width]);
  const classToken = classed ? matchRepeated(view, concat.input[0], 'the class token', width) : undefined;
  const table = view.floats(positions, 'positions');
  const side = Math.sqrt(table.length / width - (classed ? 1 : 0));
  if (!Number.isInteger(side) || side < 1)
    throw unrecognised('positions of a square of patches', `${table.length / width} positions`);
  return {
    imageSize: side * patch,
    patch,
    width,
    patchWeight,
    ...(patchBias === undefined ? {} : { patchBias }),
    ...(classToken === undefined ? {} : { classToken }),
    positions: table,
  };
}

/** The convolution that cuts [N, 3, size, size] into patches, behind the reshape to [N, patches, D]. */
function matchPatches(view: GraphView, value: string | undefined, pixels: string): NodeProto {
  const turn = expect(view, value, 'Transpose', 'patches as rows, without a norm or positions of their own');
  const flat = expect(view, turn.input[0], 'Reshape', 'patches in one row');
  const conv = expect(view, flat.input[0], 'Conv', 'patches by a convolution');
  const kernel = intsAttribute(conv, 'kernel_shape');
  const fits =
    intsAttribute(turn, 'perm')?.join() === '0,2,1' &&
    kernel !== undefined &&
    kernel[0] === kernel[1] &&
    intsAttribute(conv, 'strides')?.join() === kernel.join() &&
    (intsAttribute(conv, 'pads') ?? [0]).every((pad) => pad === 0) &&
    intAttribute(conv, 'group', 1) === 1;
  if (!fits) throw unrecognised('patches that are squares and do not overlap', conv);
  const from = view.source(conv.input[0]);
  if (from !== pixels) throw unrecognised(`patches of ${pixels}`, view.producer(from) ?? `patches of ${from}`);
  return conv;
}
