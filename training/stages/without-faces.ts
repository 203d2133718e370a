import { finderCells, type FaceFinderConfig } from '../../models/encoders/face-finder.ts';
import { faceFinderGraph } from '../../models/encoders/encoder-graphs.ts';
import { findFace } from '../../models/encoders/image-input/find-face.ts';
import { fitImage } from '../../models/encoders/image-input/fit-image.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { openSession } from '../../models/runtime/session.ts';
import { rgb, type Picture } from '../augment/picture.ts';

/**
 * The half of the pictures in which a finder with these parameters is least sure of a face. Faces in the others would be
 * taught as background. Half, because a finder that has seen few pictures is too sure of all of them.
 */
export async function withoutFaces(
  pictures: readonly Picture[],
  model: FaceFinderConfig,
  params: ParamStore,
  threads = 2,
): Promise<Picture[]> {
  const { size } = model;
  const session = await openSession(emitOnnx(faceFinderGraph(model), { params }), { threads });
  const rated: { readonly picture: Picture; readonly confidence: number }[] = [];
  try {
    for (const picture of pictures) {
      const data = fitImage(rgb(picture), { size, fit: 'contain', filter: 'area' });
      const { faces } = await session.run({ pixels: { type: 'uint8', dims: [1, size, size, 3], data } });
      const { confidence } = findFace(faces?.data as Float32Array, { cells: finderCells(model) });
      rated.push({ picture, confidence });
    }
  } finally {
    await session.close();
  }
  return rated
    .toSorted((a, b) => a.confidence - b.confidence)
    .slice(0, Math.ceil(rated.length / 2))
    .map(({ picture }) => picture);
}
