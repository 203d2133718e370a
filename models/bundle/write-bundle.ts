import { copyFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { unwritable } from '../unwritable.ts';
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
  /** Replace a bundle that is already there; the default refuses. What is no bundle is never replaced, but for an empty folder. */
  readonly replace?: boolean;
}

/**
 * Writes a bundle with the checksums of its files, and reads it back verified.
 *
 * The folder appears complete or not at all: everything is written beside it and renamed.
 *
 * @param files content by path inside the bundle, `/` between folders
 * @throws UndertoneError `bundle_manifest` when the manifest is invalid, `bundle_exists` when something is there,
 * `out_unwritable` when the disk or a folder refuses
 */
export async function writeBundle(
  folder: string,
  manifest: Omit<Manifest, 'files'>,
  files: Readonly<Record<string, BundleContent>>,
  options: WriteBundleOptions = {},
): Promise<Bundle> {
  const dir = resolve(folder);
  await checkPlace(dir, options.replace ?? false);
  const temporary = hiddenBeside(dir, 'new');
  try {
    checkNames(manifest, Object.keys(files), dir);
    const checksums: Record<string, string> = {};
    for (const [file, content] of Object.entries(files)) {
      const path = join(temporary, file);
      await makeFolder(dirname(path));
      await put(path, content);
      checksums[file] = await sha256File(path);
    }
    const text = `${JSON.stringify({ ...manifest, files: checksums }, null, 2)}\n`;
    parseManifest(text, dir);
    await writeFile(join(temporary, MANIFEST_FILE), text);
    await checkPlace(dir, options.replace ?? false);
    await replaceFolder(temporary, dir);
  } catch (error) {
    throw unwritable(error, `the bundle ${dir}`, 'give a folder you may write', 'out_unwritable');
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
  }
  return await readBundle(dir);
}

/** @throws UndertoneError `bundle_exists` for what must not be replaced */
async function checkPlace(dir: string, replace: boolean): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found === undefined) return;
  if (!replace)
    throw new UndertoneError('bundle_exists', `${dir} is already there; choose another version or remove it first`);
  const empty = async (): Promise<boolean> => (await readdir(dir)).length === 0;
  if (found.isDirectory() && ((await hasBundle(dir)) || (await empty()))) return;
  throw new UndertoneError('bundle_exists', `${dir} is already there and is no bundle; name a new folder`);
}

/** Whether a folder's manifest is a bundle's, of whatever version; other programs have files of that name, too. */
async function hasBundle(dir: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(dir, MANIFEST_FILE), 'utf8')) as Partial<Manifest> | null;
    return typeof manifest?.heads?.file === 'string' && typeof manifest.files === 'object';
  } catch {
    return false;
  }
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
