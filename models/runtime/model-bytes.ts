import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bundle } from '../bundle/bundle.ts';

/**
 * Bytes of the files that a process loads: the graphs in use and what lies beside them, such as weights in files of their
 * own. Graphs that are not in use, as the original of a rewritten encoder, do not count, nor do files named after them.
 */
export async function modelBytes({ dir, manifest, encoders }: Bundle): Promise<number> {
  const used = new Set([manifest.heads.file]);
  for (const modality of manifest.modalities) {
    used.add(modality.encoder.file);
    if (modality.kind === 'text' && modality.adapter !== undefined) used.add(modality.adapter.file);
    if (modality.kind === 'image' && modality.encoder.finder !== undefined) used.add(modality.encoder.finder.file);
  }
  const own = await bytesIn(dir, Object.keys(manifest.files), used);
  return encoders === undefined ? own : own + (await bytesIn(encoders.dir, Object.keys(encoders.files), used));
}

async function bytesIn(dir: string, files: readonly string[], used: ReadonlySet<string>): Promise<number> {
  const unused = files.filter((file) => file.endsWith('.onnx') && !used.has(file));
  const loaded = files.filter((file) => !unused.some((graph) => file.startsWith(graph)));
  const sizes = await Promise.all(loaded.map(async (file) => (await stat(join(dir, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
