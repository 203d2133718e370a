import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import { imageEncoderGraph } from '../../models/encoders/encoder-graphs.ts';
import { textBranches } from '../../models/encoders/text-encoder.ts';
import { Graph } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import { openSession } from '../../models/runtime/session.ts';
import { augmentFace } from '../augment/face.ts';
import { NO_FACE_AUGMENT } from '../augment/face-config.ts';
import { augmentText } from '../augment/text.ts';
import type { Face } from '../pools/face-pool.ts';
import type { Utterance } from '../pools/text-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { textBatch } from './text-batch.ts';

/** Embeddings of items side by side: row `item * variants + variant`, variant 0 being the item as it is. */
export interface Embeddings {
  readonly rows: Float32Array;
  readonly dimension: number;
  readonly variants: number;
}

const BATCH = 128;
const THREADS = 2;

/** Encodes faces with trained parameters; variants after the first are augmented. */
export async function embedFaces(
  recipe: Recipe,
  params: ParamStore,
  faces: readonly Face[],
  variants: number,
): Promise<Embeddings> {
  const { size, dimension } = recipe.image;
  const session = await openSession(emitOnnx(imageEncoderGraph(recipe.image), { params }), { threads: THREADS });
  const rows = new Float32Array(faces.length * variants * dimension);
  const bytes = size * size * 3;
  try {
    for (let start = 0; start < faces.length * variants; start += BATCH) {
      const count = Math.min(BATCH, faces.length * variants - start);
      const data = new Uint8Array(count * bytes);
      for (let i = 0; i < count; i++) {
        const face = faces[Math.floor((start + i) / variants)] as Face;
        const config = (start + i) % variants === 0 ? NO_FACE_AUGMENT : recipe.imageStage.augment;
        data.set(augmentFace(random(recipe.seed, 'face variant', start + i), face.picture, size, config), i * bytes);
      }
      const { embedding } = await session.run({ pixels: { type: 'uint8', dims: [count, size, size, 3], data } });
      rows.set(embedding?.data as Float32Array, start * dimension);
    }
  } finally {
    await session.close();
  }
  return { rows, dimension, variants };
}

/** What the trained branches of the text encoder say of utterances; variants after the first are augmented. */
export async function embedUtterances(
  recipe: Recipe,
  params: ParamStore,
  tokenizer: TextTokenizer,
  utterances: readonly Utterance[],
  variants: number,
): Promise<Embeddings> {
  const { branches, maxTokens } = recipe.text;
  const g = new Graph();
  const input = { tokens: g.input('tokens', ['N', 'L'], 'int64'), mask: g.input('mask', ['N', 'L']) };
  g.output('said', textBranches(g, 'text', { ...recipe.text, vocabulary: tokenizer.vocabSize }, input));
  const dimension = branches.reduce((sum, branch) => sum + branch.dimension, 0);
  const session = await openSession(emitOnnx(g, { params }), { threads: THREADS });
  const rows = new Float32Array(utterances.length * variants * dimension);
  try {
    for (let start = 0; start < utterances.length * variants; start += BATCH) {
      const count = Math.min(BATCH, utterances.length * variants - start);
      const texts = Array.from({ length: count }, (_, i) =>
        textVariant(recipe, 'text variant', { items: utterances, variants, row: start + i }),
      );
      const { said } = await session.run(textBatch(tokenizer, texts, maxTokens));
      rows.set(said?.data as Float32Array, start * dimension);
    }
  } finally {
    await session.close();
  }
  return { rows, dimension, variants };
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
