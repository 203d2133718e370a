import type { Random } from '../../models/random.ts';
import { spread } from './draws.ts';
import type { FaceAugmentConfig } from './face-config.ts';
import type { Levels } from './warp.ts';

/** Draws brightness, contrast, gamma and (for grey sources) tint as one table of levels per channel. */
export function drawLevels(random: Random, config: FaceAugmentConfig, greySource: boolean): Levels {
  const gain = 1 + config.brightness * spread(random);
  const contrast = 1 + config.contrast * spread(random);
  const gamma = (1 + config.gamma) ** spread(random);
  const tones = greySource && random.chance(config.tint) ? drawTones(random) : [1, 1, 1];
  const levels = new Uint8Array(3 * 256);
  for (let c = 0; c < 3; c++)
    for (let value = 0; value < 256; value++) {
      const lit = (((value / 255) ** (gamma * (tones[c] as number)) - 0.5) * contrast + 0.5) * gain * 255 + 0.5;
      levels[c * 256 + value] = lit < 0 ? 0 : lit > 255 ? 255 : lit;
    }
  return levels;
}

/** Exponents per channel: below 1 lifts the channel's middle tones. Mostly skin-like (red up, blue down), some light. */
function drawTones(random: Random): number[] {
  const warmth = random.uniform() * 0.45;
  const light = (): number => 1 + 0.12 * spread(random);
  return [(1 - warmth * 0.5) * light(), (1 + warmth * 0.15) * light(), (1 + warmth * 0.7) * light()];
}
