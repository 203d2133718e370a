import { concatenate } from '../../models/runtime/concatenate.ts';
import { hasRow } from '../../models/runtime/has-row.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import type { Random } from '../../models/random.ts';
import { encodeImages, encodeTexts, type EncodeOptions } from '../embeddings/encode-samples.ts';
import type { LabelledClip } from '../pools/clip-set.ts';
import type { PairSample } from '../pools/pair-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { textVariant, type Embeddings } from './embed-stage.ts';

/** What the heads train on: embeddings, and clips that point into them. */
export interface ClipMaterial {
  readonly faces: Embeddings;
  readonly texts: Embeddings;
  readonly clips: (random: Random) => LabelledClip;
}

export interface PairsStageOptions extends Omit<EncodeOptions, 'name' | 'onProgress'> {
  readonly recipe: Recipe;
  /** With the encoders; its heads are not used. Its `sha256` names it in the cache. */
  readonly model: LocalModel;
  readonly pairs: readonly PairSample[];
  readonly onEncoded?: ((what: string, done: number, total: number) => void) | undefined;
}

/**
 * Puts real pairs of a picture and a text among composed clips, as the recipe's share of them. The picture stands in every
 * slot; a pair in whose picture the model sees no face has no video. Pictures are encoded as they are, and texts in as many
 * variants as the other texts.
 *
 * @throws UndertoneError `data_image` with the pair's id, `checkpoint_unwritable`; the signal's reason
 */
export async function addPairs(material: ClipMaterial, options: PairsStageOptions): Promise<ClipMaterial> {
  const { recipe, pairs, model, cache, onEncoded, signal } = options;
  const { faces, texts } = material;
  const encoding = { model, cache, name: 'pairs', signal };
  const shown = await encodeImages(pairs, {
    ...encoding,
    withoutFace: 'zeros',
    onProgress: (done, total) => onEncoded?.('pairs', done, total),
  });
  const { variants } = texts;
  const spoken = Array.from({ length: pairs.length * variants }, (_, row) =>
    textVariant(recipe, 'pair variant', { items: pairs, variants, row }),
  );
  const said = await encodeTexts(spoken, encoding);
  const firstFace = faces.rows.length / faces.dimension;
  const firstText = texts.rows.length / (texts.dimension * variants);
  const clips = pairs.map(({ sentiment }, i): LabelledClip => {
    const seen = hasRow(shown, i, faces.dimension);
    return {
      faces: new Int32Array(seen ? recipe.heads.slots : 0).fill(firstFace + i),
      utterance: firstText + i,
      emotion: undefined,
      hasEmotion: false,
      sentiment,
      score: undefined,
    };
  });
  const share = clips.length === 0 ? 0 : (recipe.pairs?.share ?? 0);
  return {
    faces: { ...faces, rows: concatenate([faces.rows, shown]) },
    texts: { ...texts, rows: concatenate([texts.rows, said]) },
    clips: (draw) => (draw.chance(share) ? draw.pick(clips) : material.clips(draw)),
  };
}
