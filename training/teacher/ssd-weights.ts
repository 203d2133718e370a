import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { sizeOf } from '../../models/graph/shape.ts';
import { teacherMissing } from './teacher-missing.ts';

/** A published tensor: its shape, and its values as they were before they were packed. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const PACKAGE = '@vladmandic/face-api';
const MODEL = 'ssd_mobilenetv1_model';

/** TensorFlow.js's layout: the tensors lie one after the other, floats, or bytes that stand for `min + scale * byte`. */
const MANIFEST = z.array(
  z.object({
    weights: z.array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int()),
        quantization: z.object({ scale: z.number(), min: z.number() }).optional(),
      }),
    ),
  }),
);

/**
 * Weights of the face detector of face-api.js (SSD over MobileNetV1, trained on WIDER FACE; MIT), from the npm registry.
 *
 * @throws UndertoneError `teacher_missing` when its package is not installed
 */
export async function readSsdWeights(): Promise<ReadonlyMap<string, Weight>> {
  const folder = join(packageFolder(), 'model');
  const manifest = MANIFEST.parse(JSON.parse(await readFile(join(folder, `${MODEL}-weights_manifest.json`), 'utf8')));
  const packed = await readFile(join(folder, `${MODEL}.bin`));
  const weights = new Map<string, Weight>();
  let at = 0;
  for (const { name, shape, quantization } of manifest.flatMap((group) => group.weights)) {
    const n = sizeOf(shape);
    const values = Float32Array.from({ length: n }, (_, i) =>
      quantization === undefined
        ? packed.readFloatLE(at + 4 * i)
        : quantization.min + quantization.scale * packed.readUInt8(at + i),
    );
    at += quantization === undefined ? 4 * n : n;
    weights.set(name, { shape, values });
  }
  return weights;
}

function packageFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch (error) {
    throw teacherMissing('the recipe learns from a face detector that is not installed', [PACKAGE], error);
  }
}
