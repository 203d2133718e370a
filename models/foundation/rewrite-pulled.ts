import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageEncoder } from '../bundle/manifest.ts';
import { hasCode } from '../errors.ts';
import type { FoundationEncoder } from './foundation-manifest.ts';
import type { DraftManifest } from './install.ts';
import { PIXELS } from './rewrite/build-vision.ts';
import { readWhole } from './rewrite/read-whole.ts';
import { type RewritePrecision, type RewriteReport, rewriteVision } from './rewrite/rewrite-vision.ts';
import { REWRITTEN } from './rewritten-files.ts';

export interface RewritePulledOptions {
  readonly precision?: RewritePrecision;
  readonly signal?: AbortSignal | undefined;
  /** Called with what the rewrite measured. */
  readonly onReport?: (report: RewriteReport) => void;
  /** Called with the reason why the encoder stays as it was published. */
  readonly onSkip?: (reason: string) => void;
}

/**
 * A transform for `pullFoundation` that makes the published image encoder fast on a processor. The original stays beside
 * it, with a report. An encoder that is not recognised, or whose rewrite is too far from it, is used as it is.
 */
export function rewritePulled(
  options: RewritePulledOptions = {},
): (dir: string, manifest: DraftManifest) => Promise<DraftManifest> {
  const { precision = 'auto', signal, onReport, onSkip } = options;
  return async (dir, manifest) => {
    const image = manifest.encoders.find(({ kind }) => kind === 'image')?.encoder as ImageEncoder | undefined;
    if (image?.tensor === undefined) {
      onSkip?.('its image encoder takes bytes already');
      return manifest;
    }
    const { mean, std } = image.tensor;
    const ports = { input: image.inputs.pixels, output: image.output };
    try {
      const original = await readWhole(join(dir, image.file));
      const { bytes, report } = await rewriteVision(original, { ports, scale: { mean, std }, precision, signal });
      await writeFile(join(dir, REWRITTEN.graph), bytes);
      await writeFile(join(dir, REWRITTEN.report), `${JSON.stringify(report, null, 2)}\n`);
      onReport?.(report);
    } catch (error) {
      if (!hasCode(error, 'rewrite_unrecognised') && !hasCode(error, 'rewrite_inexact')) throw error;
      onSkip?.(error.message);
      return manifest;
    }
    const { output, preprocessing } = image;
    const encoder: ImageEncoder = { file: REWRITTEN.graph, output, inputs: { pixels: PIXELS }, preprocessing };
    const encoders = manifest.encoders.map((part): FoundationEncoder =>
      part.kind === 'image' ? { kind: 'image', encoder } : part,
    );
    return { ...manifest, encoders };
  };
}
