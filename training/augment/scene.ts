import type { Random } from '../../models/random.ts';
import { cropBackground, drawBackground } from './background.ts';
import { logUniform, spread } from './draws.ts';
import { blurAndNoise, recompress, toGrey } from './effects.ts';
import type { FaceAugmentConfig } from './face-config.ts';
import { drawLevels } from './levels.ts';
import type { Picture } from './picture.ts';
import { type Edge, warp } from './warp.ts';

/** How scenes are put together; chances are of a scene. */
export interface SceneConfig {
  /** Chance of a scene without a face. */
  readonly empty: number;
  /** Chance that the face is all there is, in a square picture. */
  readonly whole: number;
  /** Side of the face as a share of the picture's shorter side, log-uniform. */
  readonly scale: readonly [number, number];
  /** Most patches of other pictures that lie about, where no face is. */
  readonly patches: number;
  /** Chance of a background from a picture, where there are any; the others are drawn. */
  readonly pictures: number;
  /** Side of what is cut out of such a picture, as a share of its shorter side, uniform. */
  readonly cut: readonly [number, number];
  /** Light, rotation, noise, blur and JPEG; its placement is not used. */
  readonly augment: FaceAugmentConfig;
}

/** A square of `size * size * 3` RGB bytes that a picture was fitted into, with black around. */
export interface Scene {
  readonly pixels: Uint8Array;
  /** Centre and side of the face in shares of the square's side; nothing where there is none. */
  readonly face: { readonly x: number; readonly y: number; readonly side: number } | undefined;
}

const ASPECTS = [1, 4 / 3, 16 / 9, 3 / 4, 9 / 16];
const EDGES: readonly Edge[] = ['cut', 'rectangle', 'ellipse'];

/**
 * A face somewhere in a picture of a camera: random aspect, background, place and size, a cut or soft edge, patches of
 * other pictures about, and what cameras and codecs do. The same stream gives the same scene.
 *
 * @param backgrounds pictures to stand behind; all backgrounds are drawn where there is none
 */
export function composeScene(
  random: Random,
  face: Picture,
  size: number,
  config: SceneConfig,
  backgrounds: readonly Picture[],
): Scene {
  const { augment } = config;
  const empty = random.chance(config.empty);
  const whole = !empty && random.chance(config.whole);
  const aspect = whole ? 1 : random.pick(ASPECTS);
  const [width, height] = [Math.min(1, aspect), Math.min(1, 1 / aspect)];
  const shorter = Math.min(width, height);
  const behind = (): Uint8Array =>
    backgrounds.length > 0 && random.chance(config.pictures)
      ? cropBackground(random, random.pick(backgrounds), size, config.cut)
      : drawBackground(random, size);
  let pixels = behind();
  for (let n = random.int(config.patches + 1); n > 0; n--) {
    const patch: Picture = { width: size, height: size, channels: 3, data: behind() };
    const side = shorter * logUniform(random, [0.1, 0.6]);
    const levels = drawLevels(random, augment, false);
    const placed = { centreX: random.uniform(), centreY: random.uniform(), width: side, height: side };
    warp(patch, { ...placed, angle: 0, mirrored: false }, levels, size, pixels, random.pick(EDGES));
  }
  const side = shorter * (whole ? 0.92 + 0.16 * random.uniform() : logUniform(random, config.scale));
  const place = (room: number): number => 0.5 + (Math.max(0, room - side * 0.8) / 2) * spread(random);
  const [x, y] = whole ? [0.5 + 0.04 * spread(random), 0.5 + 0.04 * spread(random)] : [place(width), place(height)];
  if (!empty) {
    const placement = {
      centreX: x,
      centreY: y,
      width: side * (1 + augment.aspect) ** spread(random),
      height: side,
      angle: (augment.rotation * spread(random) * Math.PI) / 180,
      mirrored: random.chance(augment.flip),
    };
    const edge = whole ? 'cut' : random.pick(EDGES);
    warp(face, placement, drawLevels(random, augment, face.channels === 1), size, pixels, edge);
  }
  if (random.chance(augment.grey)) toGrey(pixels);
  pixels = recompress(random, blurAndNoise(random, pixels, size, augment), size, augment);
  blacken(pixels, size, width, height);
  return { pixels, face: empty ? undefined : { x, y, side } };
}

/** Blacks out what is not of the centred picture of that width and height, in shares of the square. */
function blacken(pixels: Uint8Array, size: number, width: number, height: number): void {
  const [w, h] = [Math.max(1, Math.round(width * size)), Math.max(1, Math.round(height * size))];
  const [left, top] = [Math.floor((size - w) / 2), Math.floor((size - h) / 2)];
  for (let y = 0; y < size; y++) {
    const row = y * size * 3;
    if (y < top || y >= top + h) pixels.fill(0, row, row + size * 3);
    else {
      pixels.fill(0, row, row + left * 3);
      pixels.fill(0, row + (left + w) * 3, row + size * 3);
    }
  }
}
