import type { Picture } from '../augment/picture.ts';
import type { Portrait } from '../augment/crop-picture.ts';
import type { ScenePictures } from '../augment/scene.ts';
import type { PictureSortConfig } from '../recipes/recipe.ts';
import type { FaceDetector } from '../teacher/face-detector.ts';

export interface SortOptions {
  readonly detector: FaceDetector;
  readonly config: PictureSortConfig;
  readonly onSorted?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tells pictures without a face from those with faces, by what a detector sees: left out are those in which it is not sure of
 * either, or sees small faces alone. A face is the square of its box's longer side, which is how tall the data sets cut
 * theirs.
 *
 * @throws the signal's reason
 */
export async function sortPictures(
  pictures: readonly Picture[],
  { detector, config, onSorted, signal }: SortOptions,
): Promise<ScenePictures> {
  const faceless: Picture[] = [];
  const portraits: Portrait[] = [];
  for (const [i, picture] of pictures.entries()) {
    signal?.throwIfAborted();
    const seen = await detector.detect(picture, config.faceless);
    const smallest = config.smallest * Math.min(picture.width, picture.height);
    const squares = seen
      .map(({ x, y, width, height, confidence }) => ({ x, y, side: Math.max(width, height), confidence }))
      .filter(({ side }) => side >= smallest);
    const faces = squares.filter(({ confidence }) => confidence >= config.face);
    if (seen.length === 0) faceless.push(picture);
    else if (faces.length > 0 && faces.length === squares.length)
      portraits.push({ picture, faces: faces.map(({ x, y, side }) => ({ x, y, side })) });
    onSorted?.(i + 1, pictures.length);
  }
  return { faceless, portraits };
}
