import { decodePicture } from '../augment/decode-picture.ts';
import type { Picture } from '../augment/picture.ts';
import { EMOTIONS, type Emotion } from '../datasets/emotions.ts';
import type { Dataset } from '../datasets/open-dataset.ts';
import { syntheticFaces } from '../synthetic/synthetic-faces.ts';

export interface Face {
  readonly picture: Picture;
  readonly emotion: Emotion;
  readonly weight: number;
}

/** Decodes the faces of a split that have an emotion. */
export async function readFaces(
  dataset: Dataset,
  split: string,
  options: { weight: number; minSide: number },
): Promise<Face[]> {
  const faces: Face[] = [];
  for (const { image, emotion } of dataset.samples(split)) {
    if (image === undefined || emotion === undefined) continue;
    faces.push({
      picture: await decodePicture(image(), { minSide: options.minSide }),
      emotion,
      weight: options.weight,
    });
  }
  return faces;
}

/** Draws the synthetic part of the mix. */
export async function drawFaces(n: number, options: { weight: number; size: number }): Promise<Face[]> {
  const faces: Face[] = [];
  if (n === 0) return faces;
  for await (const { emotion, ...picture } of syntheticFaces({ n, size: options.size }))
    faces.push({ picture, emotion, weight: options.weight });
  return faces;
}

/** Indices of faces per emotion. */
export function facesByEmotion(faces: readonly Pick<Face, 'emotion'>[]): Record<Emotion, number[]> {
  const groups = Object.fromEntries(EMOTIONS.map((emotion) => [emotion, [] as number[]])) as Record<Emotion, number[]>;
  for (const [i, { emotion }] of faces.entries()) groups[emotion].push(i);
  return groups;
}
