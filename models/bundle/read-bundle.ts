import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hasCode, UndertoneError } from '../errors.ts';
import { type Bundle, MANIFEST_FILE } from './bundle.ts';
import { parseManifest } from './parse-manifest.ts';
import { resolveInside } from './resolve-inside.ts';
import { sha256 } from './sha256.ts';
import { verifyFiles } from './verify-files.ts';
import { withFoundation } from '../foundation/with-foundation.ts';

/**
 * Reads and verifies the bundle in a folder: manifest schema, paths, sha256 of every file.
 *
 * Heads of a foundation model are joined with its encoders, as they are installed. Nothing is loaded before this has
 * resolved.
 *
 * @throws UndertoneError `bundle_not_found` (no manifest there), `bundle_manifest`, `bundle_path`, `bundle_checksum`;
 * `foundation_not_installed`, `foundation_mismatch`, `foundation_manifest`; the reason of `signal`
 */
export async function readBundle(folder: string, signal?: AbortSignal): Promise<Bundle> {
  const dir = resolve(folder);
  const bytes = await readManifest(dir);
  const manifest = parseManifest(bytes.toString('utf8'), dir);
  await verifyFiles(dir, manifest, signal);
  return await withFoundation({ dir, manifest, sha256: sha256(bytes) }, signal);
}

async function readManifest(dir: string): Promise<Buffer> {
  try {
    return await readFile(await resolveInside(dir, MANIFEST_FILE));
  } catch (error) {
    if (hasCode(error, 'bundle_path')) throw error;
    throw new UndertoneError(
      'bundle_not_found',
      `no bundle in ${dir}: it has no readable ${MANIFEST_FILE}; give the folder of a bundle, or \`undertone models list\` lists those here`,
      { cause: error },
    );
  }
}
