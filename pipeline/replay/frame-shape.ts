import type { ImageFit } from '../../models/model.ts';
import type { DecodeFramesOptions } from './decode-frames.ts';

/**
 * Frames as an encoder takes them, so that nothing is left to do; whole ones for published models, whose preprocessing is
 * not ffmpeg's. Twice the usual input side where the model does not say what it wants.
 */
export function frameShape(
  image: Partial<ImageFit> | undefined,
): Pick<DecodeFramesOptions, 'size' | 'fit' | 'filter' | 'whole'> {
  if (image?.size === undefined) return { size: 448 };
  const { size, fit, filter, resize } = image;
  if (fit === 'stretch' || resize !== undefined) return { size, whole: true };
  return { size, ...(fit === undefined ? {} : { fit }), ...(filter === undefined ? {} : { filter }) };
}
