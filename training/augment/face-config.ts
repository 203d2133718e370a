/** Chances and ranges of the changes that {@link augmentFace} makes; a chance of 0 turns one off. */
export interface FaceAugmentConfig {
  /** Chance of mirroring. */
  readonly flip: number;
  /** Rotation in degrees, uniform in plus or minus this. */
  readonly rotation: number;
  /** Height of the face crop relative to the output, log-uniform in this range; above 1 crops into the face. */
  readonly scale: readonly [number, number];
  /** Width against height, log-uniform in plus or minus this share. */
  readonly aspect: number;
  /** Shift in each direction, uniform in plus or minus this share of the output. */
  readonly shift: number;
  /** Chance of a scene instead: the face smaller and off-centre over a background. */
  readonly scene: number;
  /** Height of the face crop relative to the output in a scene, uniform. */
  readonly sceneScale: readonly [number, number];
  /** Gain of 1 plus or minus this. */
  readonly brightness: number;
  /** Contrast of 1 plus or minus this, about middle grey. */
  readonly contrast: number;
  /** Exponent in [1 / (1 + gamma), 1 + gamma]. */
  readonly gamma: number;
  /** Chance of giving a grey face the tones of skin and light. */
  readonly tint: number;
  /** Chance of making a colour face grey. */
  readonly grey: number;
  /** Chance of noise. */
  readonly noise: number;
  /** Largest standard deviation of the noise, in levels of 255. */
  readonly noiseLevel: number;
  /** Chance of blur. */
  readonly blur: number;
  /** Chance of erasing a rectangle. */
  readonly erase: number;
  /** Largest share of the output that is erased. */
  readonly eraseShare: number;
  /** Chance of one more trip through JPEG. */
  readonly jpeg: number;
  /** Quality of that JPEG, uniform. */
  readonly jpegQuality: readonly [number, number];
}

export const DEFAULT_FACE_AUGMENT: FaceAugmentConfig = {
  flip: 0.5,
  rotation: 15,
  scale: [0.85, 1.25],
  aspect: 0.1,
  shift: 0.08,
  scene: 0.25,
  sceneScale: [0.25, 1],
  brightness: 0.25,
  contrast: 0.3,
  gamma: 0.3,
  tint: 0.5,
  grey: 0.2,
  noise: 0.25,
  noiseLevel: 12,
  blur: 0.15,
  erase: 0.2,
  eraseShare: 0.2,
  jpeg: 0.05,
  jpegQuality: [25, 80],
};

/** No change but scaling to the output, for evaluation and tests. */
export const NO_FACE_AUGMENT: FaceAugmentConfig = {
  flip: 0,
  rotation: 0,
  scale: [1, 1],
  aspect: 0,
  shift: 0,
  scene: 0,
  sceneScale: [1, 1],
  brightness: 0,
  contrast: 0,
  gamma: 0,
  tint: 0,
  grey: 0,
  noise: 0,
  noiseLevel: 0,
  blur: 0,
  erase: 0,
  eraseShare: 0,
  jpeg: 0,
  jpegQuality: [75, 75],
};
