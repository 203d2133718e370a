import { copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { resolveInside } from '../bundle/resolve-inside.ts';
import { sha256, sha256File } from '../bundle/sha256.ts';
import { hasCode, UndertoneError } from '../errors.ts';
import { CONFIG_FILES } from './catalogue.ts';
import { inspectOnnx } from './inspect-onnx.ts';

/**
 * Copies a model's files from a folder in the published layout, those beside its graphs included. Returns a revision made
 * of their content, so that other files are another revision.
 *
 * @throws UndertoneError `import_missing` when a needed file is not there, `foundation_external`, `bundle_path`
 */
export async function importFiles(from: string, to: string, graphs: readonly string[]): Promise<string> {
  const files = new Set<string>([...CONFIG_FILES.needed, ...graphs]);
  for (const graph of graphs) {
    await located(from, graph);
    for (const file of (await inspectOnnx(from, graph)).external) files.add(file);
  }
  const optional = new Set<string>(CONFIG_FILES.optional);
  await rm(to, { recursive: true, force: true });
  const sums: string[] = [];
  for (const file of [...files, ...optional].sort()) {
    const path = optional.has(file) ? await located(from, file).catch(() => undefined) : await located(from, file);
    if (path === undefined) continue;
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(path, join(to, file));
    sums.push(`${file} ${await sha256File(join(to, file))}`);
  }
  return `local-${sha256(sums.join('\n')).slice(0, 34)}`;
}

async function located(from: string, file: string): Promise<string> {
  try {
    return await resolveInside(from, file);
  } catch (error) {
    if (hasCode(error, 'bundle_path')) throw error;
    throw new UndertoneError('import_missing', `${from} has no ${file}; convert the model as its documentation says`, {
      cause: error,
    });
  }
}
