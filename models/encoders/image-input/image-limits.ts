/** Largest image that is decoded, as it is or turned upright. */
export interface ImageLimits {
  readonly maxWidth: number;
  readonly maxHeight: number;
}

/** What the inference processes decode at most; no setting raises it. */
export const IMAGE_LIMITS: ImageLimits = { maxWidth: 4096, maxHeight: 2160 };
