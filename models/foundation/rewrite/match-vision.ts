import type { NodeProto } from '../../graph/onnx/gen/onnx_pb.ts';
import type { VisionTransformer, VitBlock } from '../vit/vision-transformer.ts';
import { GraphView, intAttribute, intsAttribute } from './graph-view.ts';
import { matchActivation } from './match-activation.ts';
import { matchAttention } from './match-attention.ts';
import { matchHead } from './match-head.ts';
import { expect, matchLinear, matchNorm } from './match-layers.ts';
import { unrecognised } from './unrecognised.ts';

export interface VisionPorts {
  /** float32 [N, 3, size, size]. */
  readonly input: string;
  /** float32 [N, d]. */
  readonly output: string;
}

/**
 * Reads a Vision Transformer out of an exported ONNX graph by matching its nodes from the output backwards: projection,
 * norm of the class token, blocks, norm, positions, class token, patches.
 *
 * Matching is by operators and by what they are connected to, never by names, so it holds for every exporter that writes
 * the same layers.
 *
 * @throws UndertoneError `rewrite_unrecognised` with what was expected and which node was found, `onnx_unreadable`
 */
export function matchVision(bytes: Uint8Array, ports: VisionPorts): VisionTransformer {
  const view = new GraphView(bytes);
  const outputs = view.graph.output.map(({ name }) => name);
  if (!outputs.includes(ports.output)) throw unrecognised(`an output ${ports.output}`, outputs.join(', '));
  checkInputs(view, ports.input);
  const { input, ...head } = matchHead(view, ports.output);
  // Blocks may run on [tokens, batch, width], between two transposes.
  let at = view.unmoved(input);
  const found: { block: VitBlock; heads: number; activation: VisionTransformer['activation'] }[] = [];
  while (isResidual(view, at)) {
    const { input: from, ...block } = matchBlock(view, at);
    found.unshift(block);
    at = from;
  }
  const [first] = found;
  if (first === undefined) throw unrecognised('transformer blocks', view.producer(at));
  const other = found.find(({ heads, activation }) => heads !== first.heads || activation !== first.activation);
  if (other !== undefined) throw unrecognised('blocks of one kind', `${other.heads} heads with ${other.activation}`);
  at = view.unmoved(at);
  const preNorm = isStart(view, at)
    ? undefined
    : matchNorm(view, at, 'positions of class token and patches together, or a norm behind them');
  const start = matchStart(view, preNorm?.input ?? at, ports.input);
  const { heads, activation } = first;
  const width = start.classToken.length;
  if (first.block.query.input !== width) throw unrecognised(`blocks of width ${width}`, `${first.block.query.input}`);
  return {
    ...start,
    width,
    heads,
    activation,
    ...(preNorm === undefined ? {} : { preNorm: preNorm.layer }),
    blocks: found.map(({ block }) => block),
    ...head,
  };
}

/** That the graph runs on one picture alone, as the proof does. */
function checkInputs({ graph }: GraphView, pixels: string): void {
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !stored.has(name));
  const names = inputs.map(({ name }) => name).join(', ');
  if (names !== pixels) throw unrecognised(`${pixels} as the only input`, names);
  const type = inputs[0]?.type?.value;
  const batch = type?.case === 'tensorType' ? type.value.shape?.dim[0]?.value : undefined;
  if (batch?.case === 'dimValue' && batch.value > 1n)
    throw unrecognised('batches of any size', `batches of ${batch.value}`);
}

function matchBlock(view: GraphView, value: string) {
  const [feed, attended] = residual(view, value, 'a feed-forward layer beside its input', (part, rest) => {
    const down = matchLinear(view, part, "the feed-forward layer's output");
    const activation = matchActivation(view, down.input);
    const up = matchLinear(view, activation.input, "the feed-forward layer's input");
    const norm = matchNorm(view, up.input, 'the norm of the feed-forward layer');
    return norm.input === rest ? { down, activation, up, norm } : undefined;
  });
  const [mixed, input] = residual(view, attended, 'attention beside its input', (part, rest) => {
    const attention = matchAttention(view, part);
    const norm = matchNorm(view, attention.input, 'the norm of attention');
    return norm.input === rest ? { attention: attention.layer, norm } : undefined;
  });
  const { heads, ...attention } = mixed.attention;
  const block: VitBlock = {
    ...attention,
    attentionNorm: mixed.norm.layer,
    feedNorm: feed.norm.layer,
    up: feed.up.layer,
    down: feed.down.layer,
  };
  return { block, heads, activation: feed.activation.layer, input };
}

/** Matches a sum of a branch and what the branch starts from, in either order. */
function residual<T>(
  view: GraphView,
  value: string,
  what: string,
  match: (part: string, rest: string) => T | undefined,
): [T, string] {
  const node = expect(view, value, 'Add', what);
  let failure: unknown;
  for (const [part, rest] of [node.input.toReversed(), node.input] as const) {
    try {
      const found = match(part ?? '', view.source(rest));
      if (found !== undefined) return [found, view.source(rest)];
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure ?? unrecognised(what, node);
}

/** Whether a value is a sum of two computed ones. */
function isResidual(view: GraphView, value: string): boolean {
  const node = view.producer(value);
  return node?.opType === 'Add' && node.input.every((input) => view.constant(input) === undefined);
}

/** Whether a value is the sum of tokens and stored positions. */
function isStart(view: GraphView, value: string): boolean {
  const node = view.producer(value);
  return (
    node?.opType === 'Add' &&
    node.input.some((input) => view.constant(input)?.data instanceof Float32Array) &&
    node.input.some((input) => view.producer(input)?.opType === 'Concat')
  );
}

function matchStart(view: GraphView, value: string, pixels: string) {
  const sum = expect(view, value, 'Add', 'positions added to the tokens');
  const [positions, tokens] = sum.input.some((input) => view.producer(input)?.opType === 'Concat')
    ? sum.input.toSorted(
        (a, b) => Number(view.producer(a)?.opType === 'Concat') - Number(view.producer(b)?.opType === 'Concat'),
      )
    : [];
  const concat = expect(view, tokens, 'Concat', 'the class token before the patches');
  if (concat.input.length !== 2 || intAttribute(concat, 'axis', 0) !== 1)
    throw unrecognised('the class token before the patches', concat);
  const conv = matchPatches(view, concat.input[1], pixels);
  const width = view.constant(conv.input[1])?.dims[0] ?? 0;
  const patch = intsAttribute(conv, 'kernel_shape')?.[0] ?? 0;
  const patchWeight = view.floats(conv.input[1], 'patch weights', [width, 3, patch, patch]);
  const patchBias =
    conv.input[2] === undefined ? undefined : view.floats(conv.input[2], 'the bias of patches', [width]);
  const classToken = view.floats(repeatedOf(view, concat.input[0]), 'the class token');
  const table = view.floats(positions, 'positions');
  const side = Math.sqrt(table.length / width - 1);
  if (classToken.length !== width || !Number.isInteger(side) || side < 1)
    throw unrecognised('a class token and positions of a square of patches', `${table.length / width} positions`);
  const start = { imageSize: side * patch, patch, patchWeight, classToken, positions: table };
  return patchBias === undefined ? start : { ...start, patchBias };
}

/** What is repeated for every picture of a batch: by Expand or Tile, or added to as many zeros. */
function repeatedOf(view: GraphView, value: string | undefined): string | undefined {
  const node = view.producer(value);
  if (node?.opType === 'Expand' || node?.opType === 'Tile') return node.input[0];
  if (node?.opType !== 'Add') return value;
  return node.input.find((_, i) => isZeros(view, node.input[1 - i])) ?? value;
}

function isZeros(view: GraphView, value: string | undefined): boolean {
  const node = view.producer(value);
  return node?.opType === 'ConstantOfShape' || (node?.opType === 'Expand' && view.scalar(node.input[0]) === 0);
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
