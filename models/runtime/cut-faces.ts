import type { FaceFinder, ImagePreprocessing } from '../bundle/manifest.ts';
import { facePart } from '../encoders/image-input/face-part.ts';
import { findFace } from '../encoders/image-input/find-face.ts';
import { type RgbImage, fitImage, fitPart } from '../encoders/image-input/fit-image.ts';
import { orientSquare } from '../encoders/image-input/orient-square.ts';
import { fitPicture, usePicture } from '../encoders/image-input/to-pixels.ts';
import type { ImageInput } from '../model.ts';

/** A decoded picture in which the face is to be found. */
export interface SearchedPicture {
  readonly image: RgbImage;
  readonly orientation: number;
  /** All of it, upright, as the finder takes it. */
  readonly seen: Uint8Array;
}

/**
 * Decodes an image: to the encoder's pixels where it is small enough to be a crop already, else to what the finder needs.
 *
 * @throws UndertoneError as `toPixels`
 */
export async function preparePicture(
  input: ImageInput,
  preprocessing: ImagePreprocessing,
  finder: FaceFinder,
): Promise<SearchedPicture | { readonly pixels: Uint8Array }> {
  return usePicture(input, { preprocessing, atLeast: finder.frame_side }, (image, orientation) => {
    if (Math.min(image.width, image.height) < finder.from_side)
      return { pixels: fitPicture(image, orientation, preprocessing) };
    const seen = fitImage(image, { size: finder.size, fit: 'contain', filter: preprocessing.filter });
    // A copy, which `slice` of a Buffer is not: the decoder's memory is used again.
    const held = { width: image.width, height: image.height, data: new Uint8Array(image.data) };
    return { image: held, orientation, seen: orientSquare(seen, finder.size, orientation) };
  });
}

/** The encoder's pixels of a picture: the square around the face that `found` tells; nothing where there is none. */
export function cutFace(
  { image, orientation }: SearchedPicture,
  preprocessing: ImagePreprocessing,
  finder: FaceFinder,
  found: Float32Array,
): Uint8Array | undefined {
  const face = findFace(found, finder);
  if (!(face.confidence >= finder.min_confidence)) return undefined;
  const part = facePart(image, orientation, face);
  return orientSquare(fitPart(image, part, preprocessing.size, preprocessing.filter), preprocessing.size, orientation);
}
