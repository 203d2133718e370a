import type { Random } from '../../models/random.ts';
import { drawBackground } from './background.ts';
import { logUniform, spread } from './draws.ts';
import { blurAndNoise, erase, recompress, toGrey } from './effects.ts';
import { DEFAULT_FACE_AUGMENT, type FaceAugmentConfig } from './face-config.ts';
import { drawLevels } from './levels.ts';
import type { Picture } from './picture.ts';
import { type Placement, warp } from './warp.ts';

/**
 * One random view of a face crop, `size * size * 3` RGB bytes: placed (mirrored, turned, scaled, shifted, or small over a
 * drawn background), lit, then perhaps grey, blurred, noisy, partly erased or recompressed. The same stream gives the same view.
 */
export function augmentFace(
  random: Random,
  face: Picture,
  size: number,
  config: FaceAugmentConfig = DEFAULT_FACE_AUGMENT,
): Uint8Array {
  const inScene = random.chance(config.scene);
  const placement = inScene ? placeInScene(random, config) : placeWhole(random, config);
  const levels = drawLevels(random, config, face.channels === 1);
  const behind = inScene ? drawBackground(random, size) : undefined;
  let pixels = warp(face, placement, levels, size, behind);
  if (face.channels === 3 && random.chance(config.grey)) toGrey(pixels);
  pixels = blurAndNoise(random, pixels, size, config);
  if (random.chance(config.erase)) erase(random, pixels, size, config.eraseShare);
  return recompress(random, pixels, size, config);
}

function placeWhole(random: Random, config: FaceAugmentConfig): Placement {
  const height = logUniform(random, config.scale);
  return {
    centreX: 0.5 + config.shift * spread(random),
    centreY: 0.5 + config.shift * spread(random),
    ...turned(random, config, height),
  };
}

/** The crop stays inside the output as far as it fits. */
function placeInScene(random: Random, config: FaceAugmentConfig): Placement {
  const [low, high] = config.sceneScale;
  const height = low + (high - low) * random.uniform();
  const room = Math.max(0, 1 - height);
  return {
    centreX: 0.5 + (room / 2) * spread(random),
    centreY: 0.5 + (room / 2) * spread(random),
    ...turned(random, config, height),
  };
}

function turned(
  random: Random,
  config: FaceAugmentConfig,
  height: number,
): Pick<Placement, 'width' | 'height' | 'angle' | 'mirrored'> {
  return {
    height,
    width: height * (1 + config.aspect) ** spread(random),
    angle: (config.rotation * spread(random) * Math.PI) / 180,
    mirrored: random.chance(config.flip),
  };
}
