import { transformer, transformerParams, applyNorm, normParams } from '../../models/encoders/layers.ts';
import { Graph, type Value } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import {
  add,
  clip,
  concat,
  conv2d,
  embed,
  matMul,
  maskedMean,
  positions,
  reshape,
  scale,
  select,
  shift,
  slice,
  sub,
  toFloat,
  transpose,
} from '../../models/graph/ops/index.ts';
import { bias, declare, initParams, weight, type ParamStore } from '../../models/graph/param.ts';
import type { CatalogueEntry } from '../../models/foundation/catalogue.ts';
import { clipTokenizer } from './clip-tokenizer.ts';

export interface TinyClipOptions {
  readonly seed?: number;
  /** Side of the image input, a multiple of the patch of 8 pixels. */
  readonly size?: number;
  readonly dimension?: number;
  readonly maxTokens?: number;
  /** Changes parameters before they are written. */
  readonly edit?: (params: ParamStore) => void;
}

const WIDTH = 32;
const PATCH = 8;
const HEADS = 4;
const LAYERS = 2;

const MERGES = ['h a', 'p p', 'ha pp', 'happ y</w>', 's a', 'sa d</w>', 'a n', 'an g', 'ang r', 'angr y</w>'];

/**
 * A small CLIP with random weights, as files in the layout in which CLIP is published: a ViT with a class token, a text
 * transformer with causal attention that reads its end token, a byte-level tokenizer and the descriptions of both.
 */
export function tinyClip(options: TinyClipOptions = {}): Record<string, Uint8Array> {
  const { size = 32, maxTokens = 20, seed = 1, edit } = options;
  const emit = (g: Graph): Uint8Array => {
    const params = initParams(g, seed);
    edit?.(params);
    return emitOnnx(g, { params });
  };
  const json = (value: object): Uint8Array => Buffer.from(JSON.stringify(value, null, 2));
  const tokenizer = clipTokenizer(MERGES);
  return {
    'config.json': json({ model_type: 'clip', projection_dim: options.dimension ?? 16 }),
    'preprocessor_config.json': json({
      crop_size: { height: size, width: size },
      do_center_crop: true,
      do_normalize: true,
      do_rescale: true,
      do_resize: true,
      feature_extractor_type: 'CLIPFeatureExtractor',
      image_mean: [0.48145466, 0.4578275, 0.40821073],
      image_std: [0.26862954, 0.26130258, 0.27577711],
      resample: 3,
      rescale_factor: 0.00392156862745098,
      size: { shortest_edge: size },
    }),
    'tokenizer.json': json(tokenizer),
    'tokenizer_config.json': json({ model_max_length: maxTokens, pad_token: '<|endoftext|>' }),
    'onnx/vision_model.onnx': emit(visionGraph(options)),
    'onnx/text_model.onnx': emit(textGraph(options)),
  };
}

/** The entry that describes it in a catalogue. */
export function tinyClipEntry(change: Partial<CatalogueEntry> = {}): CatalogueEntry {
  return {
    name: 'tiny-clip',
    title: 'Tiny CLIP',
    dimension: 16,
    repository: 'test/tiny-clip',
    revision: 'main',
    licence: { id: 'MIT', url: 'https://example.org/licence', accept: false, note: 'For tests.' },
    variants: { float32: { image: 'onnx/vision_model.onnx', text: 'onnx/text_model.onnx' } },
    image: { input: 'pixel_values', output: 'image_embeds' },
    text: {
      input: 'input_ids',
      mask: 'attention_mask',
      output: 'text_embeds',
      attention: 'causal',
      max_tokens: 20,
      clean: 'clip',
    },
    sha256: {},
    unconfirmed: [],
    ...change,
  };
}

function visionGraph({ size = 32, dimension = 16 }: TinyClipOptions): Graph {
  const g = new Graph();
  const patches = (size / PATCH) ** 2;
  const p = declare(
    g,
    {
      patch: weight([WIDTH, 3, PATCH, PATCH], 0.05),
      token: weight([1, 1, WIDTH], 0.5),
      positions: weight([1, patches + 1, WIDTH], 0.2),
      before: normParams(WIDTH),
      blocks: Array.from({ length: LAYERS }, () => transformerParams(WIDTH, 2 * WIDTH)),
      after: normParams(WIDTH),
      output: weight([WIDTH, dimension], 0.3),
    },
    'vision',
  );
  const pixels = g.input('pixel_values', ['batch_size', 3, size, size]);
  const cells = conv2d(g, pixels, { w: p.patch }, { stride: PATCH });
  const sequence = transpose(g, reshape(g, cells, ['batch_size', WIDTH, patches]), [0, 2, 1]);
  const token = add(g, scale(g, slice(g, sequence, 1, 0, 1), 0), p.token);
  let x = applyNorm(g, add(g, concat(g, [token, sequence], 1), p.positions), p.before);
  for (const block of p.blocks) x = transformer(g, x, block, { heads: HEADS });
  g.output('image_embeds', matMul(g, applyNorm(g, select(g, x, 1, 0), p.after), p.output));
  return g;
}

function textGraph({ dimension = 16, maxTokens = 20 }: TinyClipOptions): Graph {
  const g = new Graph();
  const vocabulary = 512 + MERGES.length + 2;
  const p = declare(
    g,
    {
      tokens: weight([vocabulary, WIDTH], 0.5),
      positions: weight([maxTokens, WIDTH], 0.2),
      blocks: Array.from({ length: LAYERS }, () => transformerParams(WIDTH, 2 * WIDTH)),
      after: normParams(WIDTH),
      output: weight([WIDTH, dimension], 0.3),
      offset: bias([dimension]),
    },
    'text',
  );
  const tokens = g.input('input_ids', ['batch_size', 'sequence_length'], 'int64');
  const ones = shift(g, scale(g, toFloat(g, tokens), 0), 1);
  const places = positions(g, ones);
  const attentionBias = causalBias(g, toFloat(g, places));
  let x = add(g, embed(g, p.tokens, tokens), embed(g, p.positions, places));
  for (const block of p.blocks) x = transformer(g, x, block, { heads: HEADS, attentionBias });
  const end = maskedMean(g, applyNorm(g, x, p.after), endMask(g, tokens, places));
  g.output('text_embeds', add(g, matMul(g, end, p.output), p.offset));
  return g;
}

/** 0 where a token may look, -1e4 where it would see a later one. */
function causalBias(g: Graph, places: Value): Value {
  const [batch = 1, length = 1] = places.shape;
  const ahead = sub(g, reshape(g, places, [batch, 1, length, 1]), reshape(g, places, [batch, 1, 1, length]));
  return clip(g, scale(g, ahead, 1e4), -1e4, 0);
}

/** 1 at the first end token, which has the largest id. */
function endMask(g: Graph, tokens: Value, places: Value): Value {
  const [batch = 1] = tokens.shape;
  const attributes = { axis: { int: 1 }, keepdims: { int: 1 } };
  const at = g.record('ArgMax', [toFloat(g, tokens)], [batch, 1], attributes, 'int64');
  return toFloat(g, g.record('Equal', [places, at], tokens.shape, {}, 'bool'));
}
