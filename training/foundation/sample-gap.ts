import type { InstalledFoundation } from '../../models/foundation/installed.ts';
import { openFoundation } from '../../models/foundation/open-foundation.ts';
import { hasCode, UndertoneError } from '../../models/errors.ts';
import type { ImageInput } from '../../models/model.ts';
import { openDataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import type { OnBad } from '../datasets/sink.ts';
import { readableImages } from '../embeddings/readable-images.ts';
import { evenly } from '../pools/evenly.ts';
import { compact } from '../recipes/compact.ts';
import type { BootstrapOptions } from './bootstrap-bundle.ts';

/**
 * Embeddings of some training faces and texts of whatever sets of the recipe a folder holds.
 *
 * @param limit most of each of both
 * @param onBad is told of rows and images that are left out
 * @throws UndertoneError `data_not_found` when there are no faces that can be read or no texts; those of `openFoundation`
 */
export async function sampleGap(
  foundation: InstalledFoundation,
  data: string,
  limit: number,
  onBad: OnBad,
): Promise<NonNullable<BootstrapOptions['seen']>> {
  const from = { data, limit, onBad };
  const faces = await some(compact.faces, from, ({ image }) => image !== undefined);
  const texts = await some(compact.texts, from, ({ text }) => text !== undefined && text !== '');
  if (faces.length === 0 || texts.length === 0)
    throw new UndertoneError('data_not_found', `${data} holds no ${faces.length === 0 ? 'faces' : 'texts'} to look at`);
  const opened = await openFoundation(foundation.dir);
  try {
    const { dimension } = opened;
    const readable = await readableImages(faces, onBad);
    const images = readable.map(({ image }): ImageInput => ({ kind: 'image', bytes: image?.() ?? new Uint8Array() }));
    const { embeddings, failures } = await opened.encodeImages(images);
    const bad = new Set(failures.map(({ index }) => index));
    if (bad.size === readable.length)
      throw new UndertoneError(
        'data_not_found',
        `${data} holds no faces that can be read among the ${faces.length} tried`,
      );
    const said = await opened.encodeTexts(texts.map(({ text }) => text ?? ''));
    const rows = (of: Float32Array, n: number): Float32Array[] =>
      Array.from({ length: n }, (_, i) => of.subarray(i * dimension, (i + 1) * dimension));
    return { images: rows(embeddings, readable.length).filter((_, i) => !bad.has(i)), texts: rows(said, texts.length) };
  } finally {
    await opened.close();
  }
}

/** Up to `limit` samples, from all sets that have training samples there alike. */
async function some(
  sets: readonly { readonly dataset: string }[],
  { data, limit, onBad }: { readonly data: string; readonly limit: number; readonly onBad: OnBad },
  fits: (sample: Sample) => boolean,
): Promise<Sample[]> {
  const found: Sample[][] = [];
  for (const { dataset } of sets) {
    try {
      found.push((await openDataset(dataset, data, { skipBad: true, onBad })).samples('train').filter(fits));
    } catch (error) {
      if (!hasCode(error, 'data_not_found') && !hasCode(error, 'data_split')) throw error;
    }
  }
  const before = (i: number): number => Math.floor((i * limit) / found.length);
  return found.flatMap((samples, i) => evenly(samples, before(i + 1) - before(i)));
}
