import type { PixelScale } from './fold-pixels.ts';

/** Mean and deviation of CLIP's published preprocessing. */
export const CLIP_SCALE: PixelScale = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
