import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readIfWhole, writeSafetensors } from '../engine/safetensors.ts';
import { ownPart } from '../engine/write-whole.ts';
import { makeOut } from '../make-out.ts';

export interface RowsKey {
  /** Folder of the cache. */
  readonly folder: string;
  /** Readable start of the file's name. */
  readonly name: string;
  /** sha256 that names the encoder: of the bundle's manifest, which names the sha256 of every file of it. */
  readonly bundle: string;
  /** What is encoded, item by item: texts, or what names an image's content. */
  readonly items: readonly string[];
}

/**
 * Embeddings [items, d] from the cache, or made and put there. The file is keyed by the bundle's checksum and by what is
 * encoded, so that another bundle or other data never meet old embeddings.
 *
 * @throws UndertoneError `out_unwritable`, `checkpoint_unwritable`
 */
export async function cachedRows(key: RowsKey, make: () => Promise<Float32Array>): Promise<Float32Array> {
  const fingerprint = fingerprintOf(key);
  const path = join(key.folder, `${key.name}-${key.bundle.slice(0, 12)}-${fingerprint.slice(0, 12)}.safetensors`);
  const held = await readIfWhole(path);
  const known = held?.metadata['fingerprint'] === fingerprint ? held.tensors.get('rows') : undefined;
  if (known !== undefined) return known;
  const rows = await make();
  await makeOut(key.folder);
  const file = { tensors: new Map([['rows', rows]]), metadata: { fingerprint, bundle: key.bundle } };
  // Parts of a sweep encode alike, so several processes may write one at once.
  await writeSafetensors(path, file, ownPart(path));
  return rows;
}

/** Of the bundle and of every item in order. */
export function fingerprintOf({ bundle, items }: Pick<RowsKey, 'bundle' | 'items'>): string {
  const hash = createHash('sha256').update(bundle);
  for (const item of items) hash.update('\0').update(item);
  return hash.digest('hex');
}
