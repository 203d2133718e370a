import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CatalogueEntry, CONFIG_FILES } from './catalogue.ts';
import { inspectOnnx } from './inspect-onnx.ts';
import type { LockEntry } from './lock-file.ts';
import type { Foundation } from './read-foundation.ts';

/** What the lock file pins of a model that is installed and whole: its files as published, not what was made of them. */
export async function pinInstalled(
  { dir, manifest }: Foundation,
  { repository }: CatalogueEntry,
  { image, text }: CatalogueEntry['variants'][string],
): Promise<LockEntry> {
  const graphs = [image, text];
  const inspected = await Promise.all(graphs.map((graph) => inspectOnnx(dir, graph)));
  const external = inspected.flatMap((graph) => graph.external);
  const files: Record<string, LockEntry['files'][string]> = {};
  const described = Object.values(CONFIG_FILES).flat();
  for (const file of [...described, ...graphs, ...external]) {
    const sha256 = manifest.files[file];
    if (sha256 !== undefined) files[file] = { size: (await stat(join(dir, file))).size, sha256 };
  }
  return { repository, revision: manifest.revision, files };
}
