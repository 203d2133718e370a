import type { PixelScale } from './fold-pixels.ts';

/** Mean and deviation of SigLIP's published preprocessing. */
export const SIGLIP_SCALE: PixelScale = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
