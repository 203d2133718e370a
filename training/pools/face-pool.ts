import { decodePicture } from '../augment/decode-picture.ts';
import type { Picture } from '../augment/picture.ts';
import { EMOTIONS, type Emotion } from '../datasets/emotions.ts';
import type { Dataset } from '../datasets/open-dataset.ts';
import { readImages } from '../datasets/read-image.ts';
import type { OnBad } from '../datasets/sink.ts';
import { drawnEmotion, syntheticFaces } from '../synthetic/synthetic-faces.ts';

export interface LabelledFace {
  readonly emotion: Emotion;
  readonly weight: number;
}

export interface Face extends LabelledFace {
  readonly picture: Picture;
}

export interface FaceOptions {
  readonly weight: number;
  readonly minSide: number;
  readonly onBad?: OnBad | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What names these faces in a fingerprint: all that is known without their pictures. */
export function labelsOfFaces(faces: readonly LabelledFace[]): (readonly [emotion: Emotion, weight: number])[] {
  return faces.map(({ emotion, weight }) => [emotion, weight]);
}

/** The faces of a split that have an emotion, not looked at. */
export function labelledFaces(dataset: Dataset, split: string, weight: number): LabelledFace[] {
  return facesOf(dataset, split).map(({ emotion }) => ({ emotion, weight }));
}

/**
 * Decodes the faces of a split that have an emotion. Those that cannot be read are left out and told to `onBad`.
 *
 * @throws UndertoneError `data_image` without `onBad`; the signal's reason
 */
export async function readFaces(
  dataset: Dataset,
  split: string,
  { weight, minSide, onBad, signal }: FaceOptions,
): Promise<Face[]> {
  return readImages(facesOf(dataset, split), {
    nameOf: ({ id }) => `${id} of ${dataset.info.name}`,
    read: async ({ image, emotion }) => ({ picture: await decodePicture(image(), { minSide }), emotion, weight }),
    onBad,
    signal,
  });
}

function facesOf(dataset: Dataset, split: string) {
  return dataset
    .samples(split)
    .flatMap(({ id, image, emotion }) =>
      image === undefined || emotion === undefined ? [] : [{ id, image, emotion }],
    );
}

/** What {@link drawFaces} draws, not drawn. */
export function labelsOfDrawn(n: number, weight: number): LabelledFace[] {
  return Array.from({ length: n }, (_, i) => ({ emotion: drawnEmotion(i), weight }));
}

/** Draws the synthetic part of the mix, `size * size` pixels each. @throws the signal's reason */
export async function drawFaces(
  n: number,
  { weight, size, signal }: { weight: number; size: number; signal?: AbortSignal | undefined },
): Promise<Face[]> {
  const faces: Face[] = [];
  for await (const { emotion, ...picture } of syntheticFaces({ n, size })) {
    signal?.throwIfAborted();
    faces.push({ picture, emotion, weight });
  }
  return faces;
}

/** Indices of faces per emotion. */
export function facesByEmotion(faces: readonly Pick<Face, 'emotion'>[]): Record<Emotion, number[]> {
  const groups = Object.fromEntries(EMOTIONS.map((emotion) => [emotion, [] as number[]])) as Record<Emotion, number[]>;
  for (const [i, { emotion }] of faces.entries()) groups[emotion].push(i);
  return groups;
}
