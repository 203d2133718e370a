import { access, constants, copyFile, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { resolveInside } from '../bundle/resolve-inside.ts';
import { sha256, sha256File } from '../bundle/sha256.ts';
import { hasCode, UndertoneError } from '../errors.ts';
import { isNotThere } from '../not-there.ts';
import { CONFIG_FILES, imagesConfig } from './catalogue.ts';
import { inspectOnnx } from './inspect-onnx.ts';

/**
 * Copies a model's files from a folder in the published layout, those beside its graphs included. Returns a revision made
 * of their content, so that other files are another revision.
 *
 * @throws UndertoneError `import_missing` when a needed file is not there, or one that is cannot be read,
 * `foundation_external`, `bundle_path`; the reason of `signal`
 */
export async function importFiles(
  from: string,
  to: string,
  graphs: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const sources = new Map<string, string>();
  const need = async (file: string): Promise<void> => {
    const path = await located(from, file);
    if (path === undefined)
      throw new UndertoneError('import_missing', `${from} has no ${file}; convert the model as its documentation says`);
    sources.set(file, path);
  };
  for (const graph of graphs) {
    await need(graph);
    for (const file of (await inspectOnnx(from, graph)).external) await need(file);
  }
  for (const file of CONFIG_FILES.needed) await need(file);
  const there = new Set<string>();
  for (const file of CONFIG_FILES.images) if ((await located(from, file)) !== undefined) there.add(file);
  await need(imagesConfig((file) => there.has(file)));
  for (const file of CONFIG_FILES.optional) {
    const path = await located(from, file);
    if (path !== undefined) sources.set(file, path);
  }
  await rm(to, { recursive: true, force: true });
  const sums: string[] = [];
  for (const [file, path] of [...sources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    signal?.throwIfAborted();
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(path, join(to, file));
    sums.push(`${file} ${await sha256File(join(to, file), signal)}`);
  }
  return `local-${sha256(sums.join('\n')).slice(0, 34)}`;
}

/** The real path of a file that can be read; nothing where there is none. */
async function located(from: string, file: string): Promise<string | undefined> {
  try {
    const path = await resolveInside(from, file);
    await access(path, constants.R_OK);
    if ((await stat(path)).isFile()) return path;
    throw new Error('it is no file');
  } catch (error) {
    if (hasCode(error, 'bundle_path')) throw error;
    const reason: unknown = hasCode(error, 'bundle_checksum') ? error.cause : error;
    if (isNotThere(reason)) return undefined;
    const why = reason instanceof Error ? reason.message : String(reason);
    throw new UndertoneError(
      'import_missing',
      `${file} in ${from} cannot be read (${why}); restore it, or let this user read it`,
      { cause: error },
    );
  }
}
