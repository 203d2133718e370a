import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { random, type Random } from '../../models/random.ts';
import { augmentText } from '../augment/text.ts';
import { encodeImages, encodeTexts, type EncodeOptions } from '../embeddings/encode-samples.ts';
import type { LabelledClip } from '../pools/clip-set.ts';
import type { PairSample } from '../pools/pair-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { embeddingRow, type Embeddings } from './embed-stage.ts';

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
  const said = await encodeTexts(spoken(recipe, pairs, texts.variants), encoding);
  const firstFace = faces.rows.length / faces.dimension;
  const firstText = texts.rows.length / (texts.dimension * texts.variants);
  const clips = pairs.map(({ sentiment }, i): LabelledClip => {
    const seen = embeddingRow({ ...faces, rows: shown }, i).some((value) => value !== 0);
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
    faces: { ...faces, rows: joined(faces.rows, shown) },
    texts: { ...texts, rows: joined(texts.rows, said) },
    clips: (draw) => (draw.chance(share) ? draw.pick(clips) : material.clips(draw)),
  };
}

/** The texts, each `variants` times: as it is first, then augmented. */
function spoken(recipe: Recipe, pairs: readonly PairSample[], variants: number): string[] {
  return pairs.flatMap(({ text }, i) =>
    Array.from({ length: variants }, (_, variant) => {
      const draw = random(recipe.seed, 'pair variant', i * variants + variant);
      return variant === 0 ? text : augmentText(draw, text, recipe.textStage.augment);
    }),
  );
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const out = new Float32Array(first.length + second.length);
  out.set(first);
  out.set(second, first.length);
  return out;
}
