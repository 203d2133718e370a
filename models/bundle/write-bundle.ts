import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { type Bundle, MANIFEST_FILE } from './bundle.ts';
import { hiddenBeside } from './hidden-beside.ts';
import type { Manifest } from './manifest.ts';
import { parseManifest } from './parse-manifest.ts';
import { readBundle } from './read-bundle.ts';
import { replaceFolder } from './replace-folder.ts';
import { sha256File } from './sha256.ts';

/** Bytes, UTF-8 text, or a file to copy. */
export type BundleContent = Uint8Array | string | { readonly path: string };

export interface WriteBundleOptions {
  /** Replace a bundle that is already there; the default refuses. */
  readonly replace?: boolean;
}

/**
 * Writes a bundle with the checksums of its files, and reads it back verified.
 *
 * The folder appears complete or not at all: everything is written beside it and renamed.
 *
 * @param files content by path inside the bundle, `/` between folders
 * @throws UndertoneError `bundle_manifest` when the manifest is invalid, `bundle_exists` when something is there
 */
export async function writeBundle(
  folder: string,
  manifest: Omit<Manifest, 'files'>,
  files: Readonly<Record<string, BundleContent>>,
  options: WriteBundleOptions = {},
): Promise<Bundle> {
  const dir = resolve(folder);
  const temporary = hiddenBeside(dir, 'new');
  try {
    checkNames(manifest, Object.keys(files), dir);
    const checksums: Record<string, string> = {};
    for (const [file, content] of Object.entries(files)) {
      const path = join(temporary, file);
      await mkdir(dirname(path), { recursive: true });
      await put(path, content);
      checksums[file] = await sha256File(path);
    }
    const text = `${JSON.stringify({ ...manifest, files: checksums }, null, 2)}\n`;
    parseManifest(text, dir);
    await writeFile(join(temporary, MANIFEST_FILE), text);
    if (!options.replace && (await stat(dir).catch(() => undefined)) !== undefined)
      throw new UndertoneError('bundle_exists', `${dir} is already there; choose another version or remove it first`);
    await replaceFolder(temporary, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return await readBundle(dir);
}

/** The names decide where files are written, so they are checked first; the checksums are stand-ins. */
function checkNames(manifest: Omit<Manifest, 'files'>, names: readonly string[], dir: string): void {
  const files = Object.fromEntries(names.map((name) => [name, '0'.repeat(64)]));
  parseManifest(JSON.stringify({ ...manifest, files }), dir);
}

async function put(path: string, content: BundleContent): Promise<void> {
  if (typeof content === 'string' || content instanceof Uint8Array) await writeFile(path, content);
  else await copyFile(content.path, path);
}
