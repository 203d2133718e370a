import { imageEncoder } from '../../models/encoders/image-encoder.ts';
import { apply } from '../../models/graph/component.ts';
import { Graph } from '../../models/graph/graph.ts';
import { softmax } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import { augmentFace } from '../augment/face.ts';
import { NO_FACE_AUGMENT } from '../augment/face-config.ts';
import type { Face } from '../pools/face-pool.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { inBatches } from './embed-stage.ts';
import { EMOTION_READ_OUT, readOut } from './read-outs.ts';
import type { StageOptions } from './stage-options.ts';

/**
 * Which emotion an image encoder with its read-out sees in faces as they are: the mean of what it says of a face and of
 * its mirror image.
 *
 * @returns probabilities [faces, emotions]
 * @throws the signal's reason
 */
export async function readEmotions(
  { image, heads: { emotions } }: Recipe,
  params: ParamStore,
  faces: readonly Pick<Face, 'picture'>[],
  options: Pick<StageOptions, 'threads' | 'signal'>,
): Promise<Float32Array> {
  const g = new Graph();
  const { size } = image;
  const embedding = apply(g, imageEncoder(image), 'image', g.input('pixels', ['N', size, size, 3], 'uint8'));
  g.output('probabilities', softmax(g, readOut(g, EMOTION_READ_OUT, embedding, emotions)));
  const bytes = size * size * 3;
  // Two rows for each face: as it is, and mirrored.
  const rows = await inBatches(g, params, [2 * faces.length, emotions], options, (at) => {
    const data = new Uint8Array(at.length * bytes);
    for (const [i, row] of at.entries()) {
      const { picture } = faces[row >> 1] as Face;
      data.set(augmentFace(random(0), picture, size, { ...NO_FACE_AUGMENT, flip: row & 1 }), i * bytes);
    }
    return { pixels: { type: 'uint8', dims: [at.length, size, size, 3], data } };
  });
  const read = (face: number, emotion: number): number => rows[face * emotions + emotion] as number;
  return Float32Array.from({ length: faces.length * emotions }, (_, i) => {
    const [face, emotion] = [Math.floor(i / emotions), i % emotions];
    return (read(2 * face, emotion) + read(2 * face + 1, emotion)) / 2;
  });
}
