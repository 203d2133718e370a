import type { VisionTransformer } from '../vit/vision-transformer.ts';
import { GraphView } from './graph-view.ts';
import { isResidual, matchBlock, type Block } from './match-block.ts';
import { matchHead } from './match-head.ts';
import { matchNorm } from './match-layers.ts';
import { isStart, matchStart } from './match-start.ts';
import { unrecognised } from './unrecognised.ts';

export interface VisionPorts {
  /** float32 [N, 3, size, size]. */
  readonly input: string;
  /** float32 [N, d]. */
  readonly output: string;
}

/**
 * Reads a Vision Transformer out of an exported ONNX graph by matching its nodes from the output backwards: projection,
 * pooling and norm, blocks, norm, positions, class token, patches.
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
  const blocks: Block[] = [];
  while (isResidual(view, at)) {
    const { layer, input: from } = matchBlock(view, at);
    blocks.unshift(layer);
    at = from;
  }
  const [first] = blocks;
  if (first === undefined) throw unrecognised('transformer blocks', view.producer(at));
  const other = blocks.find(({ heads, activation }) => heads !== first.heads || activation !== first.activation);
  if (other !== undefined) throw unrecognised('blocks of one kind', `${other.heads} heads with ${other.activation}`);
  at = view.unmoved(at);
  const preNorm = isStart(view, at)
    ? undefined
    : matchNorm(view, at, 'positions of all tokens together, or a norm behind them');
  const start = matchStart(view, preNorm?.input ?? at, ports.input);
  const { heads, activation } = first;
  const { width } = start;
  if (first.query.input !== width) throw unrecognised(`blocks of width ${width}`, `${first.query.input}`);
  return {
    ...start,
    heads,
    activation,
    ...(preNorm === undefined ? {} : { preNorm: preNorm.layer }),
    blocks,
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
