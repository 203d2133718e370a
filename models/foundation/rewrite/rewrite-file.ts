import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, UndertoneError } from '../../errors.ts';
import { readPreprocessing } from '../read-preprocessing.ts';
import { VISION_PORTS } from '../vit/export-vision.ts';
import { CLIP_SCALE } from './clip-scale.ts';
import type { PixelScale } from './fold-pixels.ts';
import { readWhole } from './read-whole.ts';
import { rewriteVision, type RewriteOptions, type RewriteReport } from './rewrite-vision.ts';

export interface RewriteFileOptions extends Pick<RewriteOptions, 'precision' | 'minCosine'> {
  /** The graph's output that is the embedding; `image_embeds` when absent. */
  readonly output?: string;
  /** Path of the model's `preprocessor_config.json` or `processor_config.json`, for its mean and deviation; CLIP's when absent. */
  readonly preprocessing?: string;
}

/**
 * Rewrites an ONNX file into another one, which is written beside its place and renamed, so that it is whole or not there.
 *
 * @throws UndertoneError `rewrite_file` when a file cannot be read or written, or both graphs are one; `foundation_config`
 * for a preprocessing that is not known; see rewriteVision
 */
export async function rewriteFile(from: string, to: string, options: RewriteFileOptions = {}): Promise<RewriteReport> {
  const { output = VISION_PORTS.output, preprocessing, ...rest } = options;
  if (resolve(from) === resolve(to))
    throw new UndertoneError('rewrite_file', `${to} is the model itself, which would be lost; give another --out`, {
      exitCode: EXIT.usage,
    });
  const original = await readWhole(from).catch((error: unknown) => {
    throw failed(`cannot read ${from}`, error);
  });
  const scale = preprocessing === undefined ? CLIP_SCALE : await scaleOf(preprocessing);
  const { bytes, report } = await rewriteVision(original, { ports: { ...VISION_PORTS, output }, scale, ...rest });
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

async function scaleOf(path: string): Promise<PixelScale> {
  let config: unknown;
  try {
    config = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw failed(`cannot read ${path}`, error);
  }
  const { mean, std } = readPreprocessing(config).tensor;
  return { mean, std };
}

function failed(what: string, error: unknown): UndertoneError {
  const why = error instanceof Error ? error.message : String(error);
  return new UndertoneError('rewrite_file', `${what}: ${why}`, { cause: error, exitCode: EXIT.usage });
}
