import { sha256 } from '../../models/bundle/sha256.ts';
import type { ImageInput } from '../../models/model.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { readImages } from '../datasets/read-image.ts';
import type { Sample } from '../datasets/sample.ts';
import { cachedRows } from './cached-rows.ts';
import { encodeShown } from './encode-shown.ts';

export interface EncodeOptions {
  readonly model: LocalModel;
  /** Folder of the cache. */
  readonly cache: string;
  /** Of the data set and split, for the file's name. */
  readonly name: string;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const CHUNK = 512;

/**
 * Names samples' images for {@link cachedRows}: by id and by what the file holds, since other images may have the same ids.
 *
 * @throws UndertoneError `data_image` with the sample's id; the signal's reason
 */
export async function imageNames(samples: readonly Sample[], signal?: AbortSignal): Promise<string[]> {
  return readImages(samples, {
    nameOf: ({ id }) => id,
    read: ({ id, image }) => `${id} ${image === undefined ? '' : sha256(image())}`,
    signal,
  });
}

/**
 * Embeddings [n, d] of samples' images, cached. Of those in which a model that looks for a face sees none, the square in
 * their middle is encoded, or the row is zeros.
 *
 * @param options `names` of the images, where {@link imageNames} has told them already
 * @throws UndertoneError `data_image` with the sample's id; the signal's reason
 */
export async function encodeImages(
  samples: readonly Sample[],
  options: EncodeOptions & { readonly withoutFace?: 'middle' | 'zeros'; readonly names?: readonly string[] },
): Promise<Float32Array> {
  const withoutFace = options.withoutFace === 'zeros' ? 'refuse' : 'middle';
  const modality = options.model.info.modalities.find(({ kind }) => kind === 'image')?.name ?? 'video';
  const items = options.names ?? (await imageNames(samples, options.signal));
  return encodeChunks({ ...options, name: `${options.name}-images`, items }, async (start, end) => {
    const shown = samples.slice(start, end).map(({ id, image }) => ({
      id,
      read: (): ImageInput => ({ kind: 'image', bytes: image?.() ?? new Uint8Array() }),
    }));
    return (await encodeShown(options.model, modality, shown, { withoutFace, signal: options.signal })).rows;
  });
}

/** Embeddings [n, d] of texts, cached. */
export async function encodeTexts(texts: readonly string[], options: EncodeOptions): Promise<Float32Array> {
  const modality = options.model.info.modalities.find(({ kind }) => kind === 'text')?.name ?? 'text';
  return encodeChunks({ ...options, name: `${options.name}-texts`, items: texts }, (start, end) =>
    options.model.encodeTexts(modality, texts.slice(start, end)),
  );
}

async function encodeChunks(
  options: EncodeOptions & { readonly items: readonly string[] },
  encode: (start: number, end: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const { model, cache, name, items, onProgress, signal } = options;
  const { sha256: bundle, dimension } = model.info;
  return cachedRows({ folder: cache, name, bundle, items }, async () => {
    const rows = new Float32Array(items.length * dimension);
    for (let start = 0; start < items.length; start += CHUNK) {
      signal?.throwIfAborted();
      const end = Math.min(items.length, start + CHUNK);
      rows.set(await encode(start, end), start * dimension);
      onProgress?.(end, items.length);
    }
    return rows;
  });
}
