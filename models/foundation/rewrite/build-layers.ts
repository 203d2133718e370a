import { CONTRIB, type OnnxBuilder } from '../../graph/onnx/onnx-builder.ts';
import {
  QUICK_GELU,
  type Activation,
  type FeedLayers,
  type LinearLayer,
  type NormLayer,
} from '../vit/vision-transformer.ts';
import { quantiseWeight } from './quantise-weight.ts';
import { scaleInput, scaleOutput } from './scale-layer.ts';

/** Writes a linear layer under a name. */
export type Linear = (x: string, layer: LinearLayer, name: string) => string;

const ACTIVATION: Readonly<Record<Exclude<Activation, 'quick_gelu'>, string>> = {
  gelu: 'Gelu',
  gelu_tanh: 'FastGelu',
};

/** A norm and a feed-forward layer; what it is added to is x. */
export function feedForward(
  b: OnnxBuilder,
  x: string,
  block: FeedLayers,
  activation: Activation,
  name: string,
  linear: Linear,
): string {
  const normal = norm(b, x, block.feedNorm, `${name}.feed_norm`);
  if (activation !== 'quick_gelu') {
    const active = b.node(ACTIVATION[activation], [linear(normal, block.up, `${name}.up`)], {}, { domain: CONTRIB });
    return linear(active, block.down, `${name}.down`);
  }
  // With z = 1.702 x it is z sigmoid(z) / 1.702: without a factor inside, the runtime takes half the time for it.
  const up = linear(normal, scaleOutput(block.up, QUICK_GELU), `${name}.up`);
  const active = b.node('QuickGelu', [up], { alpha: { float: 1 } }, { domain: CONTRIB });
  return linear(active, scaleInput(block.down, 1 / QUICK_GELU), `${name}.down`);
}

export function norm(b: OnnxBuilder, x: string, layer: NormLayer, name: string): string {
  const gain = b.tensor(`${name}.gain`, [layer.gain.length], layer.gain);
  const offset = b.tensor(`${name}.offset`, [layer.offset.length], layer.offset);
  const attributes = { axis: { int: -1 }, epsilon: { float: layer.epsilon } };
  return b.node('LayerNormalization', [x, gain, offset], attributes, { name });
}

export function floatLinear(
  b: OnnxBuilder,
  x: string,
  { input, output, weight, bias }: LinearLayer,
  name: string,
): string {
  const product = b.node('MatMul', [x, b.tensor(`${name}.weight`, [input, output], weight)]);
  return bias === undefined ? product : b.node('Add', [product, b.tensor(`${name}.bias`, [output], bias)]);
}

/** Int8 weights with a scale per output, and activations rounded as they come. */
export function quantisedLinear(b: OnnxBuilder, x: string, layer: LinearLayer, name: string): string {
  const { values, scales } = quantiseWeight(layer);
  const { input, output, bias } = layer;
  const inputs = [
    x,
    b.tensor(`${name}.weight`, [input, output], values),
    b.tensor(`${name}.scales`, [output], scales),
    '',
    ...(bias === undefined ? [] : [b.tensor(`${name}.bias`, [output], bias)]),
  ];
  return b.node('DynamicQuantizeMatMul', inputs, {}, { domain: CONTRIB });
}
