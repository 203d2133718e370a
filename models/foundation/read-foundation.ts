import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MANIFEST_FILE } from '../bundle/bundle.ts';
import { sha256 } from '../bundle/sha256.ts';
import { verifyFiles } from '../bundle/verify-files.ts';
import { UndertoneError } from '../errors.ts';
import { type FoundationManifest, parseFoundationManifest } from './foundation-manifest.ts';

/** A foundation model whose manifest and checksums have been verified. */
export interface Foundation {
  /** Absolute path of its folder. */
  readonly dir: string;
  readonly manifest: FoundationManifest;
  /** sha256 of `manifest.json`, hex; it covers every other file. */
  readonly sha256: string;
}

/**
 * Reads and verifies the foundation model in a folder: manifest, paths, sha256 of every file.
 *
 * @throws UndertoneError `foundation_not_installed` (no manifest there), `foundation_manifest`, `bundle_path`,
 * `bundle_checksum`; the reason of `signal`
 */
export async function readFoundation(folder: string, signal?: AbortSignal): Promise<Foundation> {
  const dir = resolve(folder);
  let bytes: Buffer;
  try {
    bytes = await readFile(join(dir, MANIFEST_FILE));
  } catch (error) {
    throw new UndertoneError(
      'foundation_not_installed',
      `no foundation model in ${dir}: it has no readable ${MANIFEST_FILE}; \`undertone models list\` shows those here`,
      { cause: error },
    );
  }
  const manifest = parseFoundationManifest(bytes.toString('utf8'), dir);
  await verifyFiles(dir, manifest, signal);
  return { dir, manifest, sha256: sha256(bytes) };
}
