import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { Bundle } from '../../models/bundle/bundle.ts';
import type { Manifest } from '../../models/bundle/manifest.ts';
import { writeBundle } from '../../models/bundle/write-bundle.ts';
import { Graph, type Value } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import {
  add,
  clip,
  complement,
  concat,
  embed,
  gelu,
  l2Normalize,
  linear,
  mean,
  slice,
  sub,
} from '../../models/graph/ops/index.ts';
import { maskedMean, mul, reshape, scale, shift, sum, toFloat } from '../../models/graph/ops/index.ts';
import { bias, initParams, weight } from '../../models/graph/param.ts';

const made: string[] = [];

afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface TinyBundleOptions {
  /** Folder to write; the default is a new one below the system's temporary folder, which goes away with the test file. */
  readonly dir?: string;
  readonly name?: string;
  readonly version?: string;
  readonly seed?: number;
  readonly dimension?: number;
  readonly slots?: number;
  readonly windowMs?: number;
  readonly hopMs?: number;
  readonly emotions?: readonly string[];
  readonly imageSize?: number;
  /** Width and number of the image encoder's hidden layers: its cost. */
  readonly hidden?: number;
  readonly layers?: number;
  /** With something that takes red squares, half as wide as the picture, for faces. */
  readonly findsRed?: boolean;
}

/** Words that the tokenizer knows; others become `<unk>`. */
const TINY_WORDS = ['i', 'am', 'so', 'very', 'happy', 'sad', 'angry', 'great', 'bad', 'day', 'what', 'a'] as const;

/**
 * Writes a real bundle with random weights: small graphs with the inputs and outputs of the manifest's contract, and a
 * word tokenizer. For tests of everything that runs a model without caring what it says.
 */
export async function writeTinyBundle(options: TinyBundleOptions = {}): Promise<Bundle> {
  const dir = options.dir ?? join(newFolder(), 'tiny', '1.0.0');
  mkdirSync(dirname(dir), { recursive: true });
  const manifest = tinyManifest(options);
  const { seed = 1 } = options;
  const emit = (g: Graph): Uint8Array => emitOnnx(g, { params: initParams(g, seed) });
  return await writeBundle(dir, manifest, {
    'image.onnx': emit(imageGraph(manifest, options)),
    ...(options.findsRed === true ? { 'finder.onnx': emit(redFinderGraph()) } : {}),
    'text.onnx': emit(textGraph(manifest)),
    'heads.onnx': emit(headsGraph(manifest)),
    'tokenizer.json': JSON.stringify(TOKENIZER),
    'MODEL_CARD.md': '# Tiny\n\nRandom weights, for tests.\n',
  });
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-tiny-'));
  made.push(folder);
  return folder;
}

const RED_FINDER = {
  file: 'finder.onnx',
  output: 'faces',
  inputs: { pixels: 'pixels' },
  size: 16,
  cells: 4,
  from_side: 48,
  frame_side: 64,
  min_confidence: 0.5,
} as const;

/** Where a cell is red the centre of a face is its middle. */
function redFinderGraph(): Graph {
  const { size, cells } = RED_FINDER;
  const each = size / cells;
  const g = new Graph();
  const pixels = g.input('pixels', ['N', size, size, 3], 'uint8');
  const blocks = reshape(g, toFloat(g, pixels), ['N', cells, each, cells, each, 3]);
  const colour = reshape(g, mean(g, blocks, [2, 4]), ['N', cells * cells, 3]);
  const channel = (i: number): Value => slice(g, colour, 2, i, i + 1);
  const logit = shift(g, scale(g, sub(g, channel(0), channel(2)), 0.2), -20);
  const nothing = scale(g, logit, 0);
  g.output('faces', concat(g, [logit, nothing, nothing, shift(g, nothing, Math.log(0.5))], 2));
  return g;
}

type Shapes = Omit<Manifest, 'files'>;

function tinyManifest(options: TinyBundleOptions): Shapes {
  const { name = 'tiny', version = '1.0.0', dimension = 16, slots = 4, windowMs = 2000, hopMs = 250 } = options;
  return {
    format: 1,
    name,
    version,
    licence: 'Apache-2.0',
    created: '2026-01-01T00:00:00.000Z',
    dimension,
    window_ms: windowMs,
    hop_ms: hopMs,
    modalities: [
      {
        name: 'video',
        kind: 'image',
        slots,
        encoder: {
          file: 'image.onnx',
          inputs: { pixels: 'pixels' },
          output: 'embedding',
          preprocessing: { size: options.imageSize ?? 32, fit: 'cover', filter: 'area' },
          ...(options.findsRed === true ? { finder: RED_FINDER } : {}),
        },
      },
      {
        name: 'text',
        kind: 'text',
        slots: 1,
        encoder: {
          file: 'text.onnx',
          inputs: { tokens: 'tokens', mask: 'mask' },
          output: 'embedding',
          preprocessing: { tokenizer: 'tokenizer.json', max_tokens: 16, pad_id: 0, lower_case: true },
        },
      },
    ],
    emotions: [...(options.emotions ?? ['neutral', 'happy', 'sad'])],
    heads: { file: 'heads.onnx' },
    calibration: { 'video=observed,text=observed': 1 },
    training: { recipe: 'tiny' },
    data: [],
    metrics: [],
  };
}

function imageGraph(
  { dimension }: Shapes,
  { imageSize: size = 32, hidden = 32, layers = 1 }: TinyBundleOptions,
): Graph {
  const g = new Graph();
  const pixels = g.input('pixels', ['N', size, size, 3], 'uint8');
  const colours = shift(g, scale(g, toFloat(g, pixels), 1 / 127.5), -1);
  let x = reshape(g, colours, ['N', size * size * 3]);
  for (let i = 0; i < layers; i++) x = gelu(g, dense(g, `hidden${i}`, x, hidden));
  g.output('embedding', l2Normalize(g, dense(g, 'out', x, dimension)));
  return g;
}

function textGraph({ dimension }: Shapes): Graph {
  const g = new Graph();
  const tokens = g.input('tokens', ['N', 'L'], 'int64');
  const mask = g.input('mask', ['N', 'L']);
  const table = g.param('table', weight([VOCABULARY.length, dimension], 1));
  g.output('embedding', l2Normalize(g, dense(g, 'out', maskedMean(g, embed(g, table, tokens), mask), dimension)));
  return g;
}

/** Each modality's virtual embedding comes from the mean of the others'; the task head sees every modality, filled. */
function headsGraph({ dimension, modalities, emotions }: Shapes): Graph {
  const g = new Graph();
  const means = modalities.map(({ name, slots }) => {
    const embeddings = g.input(name, ['N', slots, dimension]);
    const mask = g.input(`${name}_mask`, ['N', slots]);
    return { name, seen: maskedMean(g, embeddings, mask), present: clip(g, sum(g, mask, [1], true), 0, 1) };
  });
  const filled = means.map(({ name, seen, present }) => {
    const others = means.filter((other) => other.name !== name).map((other) => other.seen);
    const virtual = l2Normalize(g, dense(g, `to_${name}`, concat(g, others, -1), dimension));
    g.output(`virtual_${name}`, virtual);
    return add(g, mul(g, present, seen), mul(g, complement(g, present), virtual));
  });
  const features = concat(g, filled, -1);
  g.output('score', reshape(g, clip(g, dense(g, 'score_head', features, 1), -3, 3), ['N']));
  g.output('log_variance', reshape(g, dense(g, 'variance_head', features, 1), ['N']));
  g.output('sentiment_logits', dense(g, 'sentiment_head', features, 3));
  g.output('emotion_logits', dense(g, 'emotion_head', features, emotions.length));
  return g;
}

function dense(g: Graph, name: string, x: Value, width: number): Value {
  const inputs = x.shape.at(-1);
  if (typeof inputs !== 'number') throw new TypeError('the last axis is fixed');
  const w = g.param(`${name}.w`, weight([inputs, width], inputs ** -0.5));
  return linear(g, x, { w, b: g.param(`${name}.b`, bias([width], 0.1)) });
}

const VOCABULARY = ['<pad>', '<unk>', '<s>', '</s>', ...TINY_WORDS];

const TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: VOCABULARY.slice(0, 4).map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'Lowercase' },
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '<s>', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '</s>', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '<s>': { id: '<s>', ids: [2], tokens: ['<s>'] },
      '</s>': { id: '</s>', ids: [3], tokens: ['</s>'] },
    },
  },
  decoder: null,
  model: {
    type: 'WordLevel',
    unk_token: '<unk>',
    vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
  },
};
