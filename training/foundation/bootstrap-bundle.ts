import type { Bundle } from '../../models/bundle/bundle.ts';
import type { InstalledFoundation } from '../../models/foundation/installed.ts';
import { openFoundation } from '../../models/foundation/open-foundation.ts';
import { SENTIMENTS } from '../../models/model.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { compact } from '../recipes/compact.ts';
import { bootstrapHeads, promptEmbedding } from './bootstrap-heads.ts';
import { writeHeadsBundle } from './heads-bundle.ts';
import { modalityGap } from './modality-gap.ts';
import { emotionPrompts, sentimentPrompts } from './zero-shot-prompts.ts';

export interface BootstrapOptions {
  readonly foundation: InstalledFoundation;
  /** Folder of the bundle. */
  readonly out: string;
  readonly name?: string;
  /**
   * Embeddings of images and of texts, of whatever scenes, from which the gap between the modalities is estimated. Without
   * them the gap is 0, and a virtual embedding is the other modality's as it is.
   */
  readonly seen?: { readonly images: readonly Float32Array[]; readonly texts: readonly Float32Array[] };
}

/**
 * Writes the heads that a foundation model has before any training: classes from prompts, synthesis across the gap.
 *
 * @throws UndertoneError those of `openFoundation`
 */
export async function writeBootstrapBundle({ foundation, out, name, seen }: BootstrapOptions): Promise<Bundle> {
  const opened = await openFoundation(foundation.dir);
  try {
    const { dimension, manifest } = opened;
    const classOf = async (prompts: readonly string[]): Promise<Float32Array> => {
      const rows = await opened.encodeTexts(prompts);
      return promptEmbedding(prompts.map((_, i) => rows.subarray(i * dimension, (i + 1) * dimension)));
    };
    const emotions: Float32Array[] = [];
    for (const emotion of EMOTIONS) emotions.push(await classOf(emotionPrompts(emotion)));
    const sentiments: Float32Array[] = [];
    for (const sentiment of SENTIMENTS) sentiments.push(await classOf(sentimentPrompts(sentiment)));
    const { config, params, training } = bootstrapHeads({
      dimension,
      slots: compact.heads.slots,
      emotions,
      sentiments: sentiments as [Float32Array, Float32Array, Float32Array],
      gap: seen === undefined ? new Float32Array(dimension) : modalityGap(seen.texts, seen.images),
    });
    return await writeHeadsBundle(out, {
      foundation: manifest,
      name: name ?? `${manifest.name}-bootstrap`,
      version: '0.0.1',
      config,
      params,
      window: compact.window,
      training: {
        ...training,
        gap: seen === undefined ? 'none' : { images: seen.images.length, texts: seen.texts.length },
      },
    });
  } finally {
    await opened.close();
  }
}
