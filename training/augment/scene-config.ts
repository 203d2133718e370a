import { DEFAULT_FACE_AUGMENT } from './face-config.ts';
import type { SceneConfig } from './scene.ts';

/** Faces from a sixth of the picture's shorter side to all of it. */
export const DEFAULT_SCENE: SceneConfig = {
  portraits: 0.3,
  faceless: 0.2,
  whole: 0.1,
  empty: 0.1,
  scale: [0.17, 1.05],
  patches: 3,
  pictures: 0.7,
  cut: [0.4, 1],
  augment: { ...DEFAULT_FACE_AUGMENT, grey: 0.3 },
};
