import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Bundle } from '../bundle/bundle.ts';
import { REWRITTEN } from '../foundation/rewritten-files.ts';
import type { Notice } from './runtime-events.ts';

const Report = z.object({ precision: z.string() });

/**
 * What to say of a bundle that is to run on a GPU, where the image encoder of its foundation model was rewritten in int8:
 * no GPU provider has these operators, so that the processor computes them, on one thread. Undefined for any other.
 */
export async function encoderForCpu({ manifest, encoders }: Bundle): Promise<Notice | undefined> {
  const rewritten = manifest.modalities.some(({ encoder }) => encoder.file === REWRITTEN.graph);
  if (encoders === undefined || !rewritten) return undefined;
  if ((await precisionOf(join(encoders.dir, REWRITTEN.report))) !== 'int8') return undefined;
  const name = manifest.foundation?.name ?? manifest.name;
  const message = `the image encoder of ${name} was rewritten in int8 for a processor, which computes it even with a GPU; for a GPU remove the model and pull it again with --precision float32 or --no-rewrite`;
  return { type: 'notice', code: 'encoder_for_cpu', message };
}

async function precisionOf(report: string): Promise<string | undefined> {
  try {
    return Report.parse(JSON.parse(await readFile(report, 'utf8'))).precision;
  } catch {
    // Without a report nobody knows, and nothing is wrong.
    return undefined;
  }
}
