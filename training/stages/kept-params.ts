import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../models/bundle/sha256.ts';
import type { Graph } from '../../models/graph/graph.ts';
import { readParams } from '../../models/graph/onnx/read-params.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { sizeOf } from '../../models/graph/shape.ts';
import { fingerprint } from '../fingerprint.ts';

/** name@version of the bundles whose parts a run kept instead of training them; for the manifest. */
export interface KeptSources {
  readonly images_of?: string;
  readonly finder_of?: string;
  readonly texts_of?: string;
}

/** Names parameters by their values. */
export function printOf(params: ParamStore): string {
  return fingerprint(
    [...params].map(([name, { buffer, byteOffset, byteLength }]) => [
      name,
      sha256(new Uint8Array(buffer, byteOffset, byteLength)),
    ]),
  );
}

/**
 * The parameters of a graph as a file of a bundle stores them.
 *
 * @returns undefined when there is no such file, or its parameters are not those of the graph
 */
export async function keptParams(graph: Graph, dir: string, file: string | undefined): Promise<ParamStore | undefined> {
  if (file === undefined) return undefined;
  const stored = readParams(await readFile(join(dir, file)));
  const params: ParamStore = new Map();
  for (const [name, { spec }] of graph.params) {
    const values = stored.get(name);
    if (values?.length !== sizeOf(spec.shape)) return undefined;
    params.set(name, values);
  }
  return params;
}
