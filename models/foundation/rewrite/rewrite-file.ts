import { lstat, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, UndertoneError } from '../../errors.ts';
import { readOnnx } from '../../graph/onnx/read.ts';
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
 * @throws UndertoneError `rewrite_file` when a file cannot be read or written, or the other is a file of the model;
 * `foundation_config` for a preprocessing that is not known; see rewriteVision
 */
export async function rewriteFile(from: string, to: string, options: RewriteFileOptions = {}): Promise<RewriteReport> {
  const { output = VISION_PORTS.output, preprocessing, ...rest } = options;
  const original = await readWhole(from).catch((error: unknown) => {
    throw failed(`cannot read ${from}`, error);
  });
  const lost = await lostAt(from, to);
  if (lost !== undefined)
    throw new UndertoneError('rewrite_file', `${to} is ${lost}, which would be lost; give another --out`, {
      exitCode: EXIT.usage,
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

/** Which of a model's files is at `to`, in words; undefined where it is none. @throws UndertoneError `onnx_unreadable` */
async function lostAt(from: string, to: string): Promise<string | undefined> {
  const there = await lstat(to).catch(() => undefined);
  if (there === undefined) return undefined;
  const isThere = async (file: string): Promise<boolean> => {
    const found = await stat(file).catch(() => undefined);
    return found?.dev === there.dev && found.ino === there.ino;
  };
  if (await isThere(from)) return 'the model itself';
  for (const file of readOnnx(await readFile(from)).externalFiles)
    if (await isThere(join(dirname(from), file))) return 'a file of its weights';
  return undefined;
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
