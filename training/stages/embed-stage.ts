import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import { imageEncoderGraph } from '../../models/encoders/encoder-graphs.ts';
import { textBranches } from '../../models/encoders/text-encoder.ts';
import { Graph } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import { openSession, type TensorData } from '../../models/runtime/session.ts';
import { augmentFace } from '../augment/face.ts';
import { NO_FACE_AUGMENT } from '../augment/face-config.ts';
import { augmentText } from '../augment/text.ts';
import type { Face } from '../pools/face-pool.ts';
import type { Utterance } from '../pools/text-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { StageOptions } from './stage-options.ts';
import { textBatch } from './text-batch.ts';

/** Embeddings of items side by side: row `item * variants + variant`, variant 0 being the item as it is. */
export interface Embeddings {
  readonly rows: Float32Array;
  readonly dimension: number;
  readonly variants: number;
}

export interface EmbedOptions extends Pick<StageOptions, 'threads' | 'signal'> {
  /** Versions of each item: itself, and augmented ones. */
  readonly variants: number;
}

const BATCH = 128;

/** Encodes faces with trained parameters; variants after the first are augmented. @throws the signal's reason */
export async function embedFaces(
  recipe: Recipe,
  params: ParamStore,
  faces: readonly Face[],
  options: EmbedOptions,
): Promise<Embeddings> {
  const { size, dimension } = recipe.image;
  const { variants } = options;
  const bytes = size * size * 3;
  const rows = await inBatches(
    imageEncoderGraph(recipe.image),
    params,
    [faces.length * variants, dimension],
    options,
    (at) => {
      const data = new Uint8Array(at.length * bytes);
      for (const [i, row] of at.entries()) {
        const face = faces[Math.floor(row / variants)] as Face;
        const config = row % variants === 0 ? NO_FACE_AUGMENT : recipe.imageStage.augment;
        data.set(augmentFace(random(recipe.seed, 'face variant', row), face.picture, size, config), i * bytes);
      }
      return { pixels: { type: 'uint8', dims: [at.length, size, size, 3], data } };
    },
  );
  return { rows, dimension, variants };
}

/**
 * What the trained branches of the text encoder say of utterances; variants after the first are augmented.
 *
 * @throws the signal's reason
 */
export async function embedUtterances(
  recipe: Recipe,
  params: ParamStore,
  tokenizer: TextTokenizer,
  utterances: readonly Utterance[],
  options: EmbedOptions,
): Promise<Embeddings> {
  const { branches, maxTokens } = recipe.text;
  const { variants } = options;
  const g = new Graph();
  const input = { tokens: g.input('tokens', ['N', 'L'], 'int64'), mask: g.input('mask', ['N', 'L']) };
  g.output('said', textBranches(g, 'text', { ...recipe.text, vocabulary: tokenizer.vocabSize }, input));
  const dimension = branches.reduce((sum, branch) => sum + branch.dimension, 0);
  const rows = await inBatches(g, params, [utterances.length * variants, dimension], options, (at) => {
    const texts = at.map((row) => textVariant(recipe, 'text variant', { items: utterances, variants, row }));
    return { ...textBatch(tokenizer, texts, maxTokens) };
  });
  return { rows, dimension, variants };
}

/** The one output [count, dimension] of a graph, fed some rows at a time. @throws the signal's reason */
export async function inBatches(
  graph: Graph,
  params: ParamStore,
  [count, dimension]: readonly [number, number],
  { threads = 2, signal }: Pick<StageOptions, 'threads' | 'signal'>,
  feed: (rows: readonly number[]) => Record<string, TensorData>,
): Promise<Float32Array> {
  const session = await openSession(emitOnnx(graph, { params }), { threads });
  try {
    const out = new Float32Array(count * dimension);
    for (let start = 0; start < count; start += BATCH) {
      signal?.throwIfAborted();
      const rows = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
      const [output] = Object.values(await session.run(feed(rows)));
      out.set(output?.data as Float32Array, start * dimension);
    }
    return out;
  } finally {
    await session.close();
  }
}

/** The text of a row of {@link Embeddings}: as it is, or augmented by the recipe's seed and the random `stream`. */
export function textVariant(
  { seed, textStage }: Recipe,
  stream: string,
  {
    items,
    variants,
    row,
  }: { readonly items: readonly { text: string }[]; readonly variants: number; readonly row: number },
): string {
  const { text } = items[Math.floor(row / variants)] as { text: string };
  return row % variants === 0 ? text : augmentText(random(seed, stream, row), text, textStage.augment);
}

/** One row, as a view. */
export function embeddingRow({ rows, dimension }: Embeddings, index: number): Float32Array {
  return rows.subarray(index * dimension, (index + 1) * dimension);
}
