import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, UndertoneError } from '../../errors.ts';
import { VISION_PORTS } from '../vit/export-vision.ts';
import { CLIP_SCALE } from './clip-scale.ts';
import { readWhole } from './read-whole.ts';
import { rewriteVision, type RewriteOptions, type RewriteReport } from './rewrite-vision.ts';

/**
 * Rewrites an ONNX file into another one, which is written beside its place and renamed, so that it is whole or not there.
 * The preprocessing is CLIP's.
 *
 * @throws UndertoneError `rewrite_file` when the file cannot be read or written, or both are one; see rewriteVision
 */
export async function rewriteFile(
  from: string,
  to: string,
  options: Pick<RewriteOptions, 'precision' | 'minCosine'> = {},
): Promise<RewriteReport> {
  if (resolve(from) === resolve(to))
    throw new UndertoneError('rewrite_file', `${to} is the model itself, which would be lost; give another --out`, {
      exitCode: EXIT.usage,
    });
  const original = await readWhole(from).catch((error: unknown) => {
    throw failed(`cannot read ${from}`, error);
  });
  const { bytes, report } = await rewriteVision(original, { ports: VISION_PORTS, scale: CLIP_SCALE, ...options });
  const part = `${to}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, to);
  } catch (error) {
    await rm(part, { force: true });
    throw failed(`cannot write ${to}`, error);
  }
  return report;
}

function failed(what: string, error: unknown): UndertoneError {
  const why = error instanceof Error ? error.message : String(error);
  return new UndertoneError('rewrite_file', `${what}: ${why}`, { cause: error, exitCode: EXIT.usage });
}
