import type { ImageFit } from '../../models/model.ts';
import type { DecodeFramesOptions } from './decode-frames.ts';

/**
 * Frames as the encoder takes them, so that nothing is left to do; whole ones for published models, whose preprocessing is
 * not ffmpeg's, and whole small ones for a model that looks for the face. Twice the usual input side where the model does
 * not say what it wants.
 */
export function frameShape(
  image: ImageFit | undefined,
): Pick<DecodeFramesOptions, 'size' | 'fit' | 'filter' | 'whole'> {
  if (image === undefined) return { size: 448 };
  const { size, fit, filter, resize, whole } = image;
  if (whole !== undefined) return { size, filter, whole: { shorterSide: whole } };
  return fit === 'stretch' || resize !== undefined ? { size, whole: true } : { size, fit, filter };
}
