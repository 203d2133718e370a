import type { Random } from '../../models/random.ts';
import { drawBackground } from './background.ts';
import { cropPicture, cropPortrait, type FacePlace, type Frame, type Portrait } from './crop-picture.ts';
import { logUniform, spread } from './draws.ts';
import { blurAndNoise, recompress, toGrey } from './effects.ts';
import type { FaceAugmentConfig } from './face-config.ts';
import { drawLevels } from './levels.ts';
import type { Picture } from './picture.ts';
import { type Edge, warp } from './warp.ts';

/** How scenes are put together; chances are of a scene. */
export interface SceneConfig {
  /** Chance of part of a picture with the faces that it has, where there are such pictures. */
  readonly portraits: number;
  /** Chance of part of a picture without a face as it is, where there are such pictures. */
  readonly faceless: number;
  /** Of the other scenes: chance that the face is all there is, in a square picture. */
  readonly whole: number;
  /** Of the other scenes: chance that there is no face. */
  readonly empty: number;
  /** Side of the face as a share of the picture's shorter side, log-uniform. */
  readonly scale: readonly [number, number];
  /** Most patches of other pictures that lie about, where no face is. */
  readonly patches: number;
  /** Chance of a background from a picture, where there are any; the others are drawn. */
  readonly pictures: number;
  /** Side of what is cut out of such a picture, as a share of its shorter side, uniform. */
  readonly cut: readonly [number, number];
  /** Light, rotation, flip, aspect, noise, blur and JPEG; its scale, shift, scene and erasing are not used. */
  readonly augment: FaceAugmentConfig;
}

/** Pictures for scenes: what stands behind faces, and what has faces of its own. */
export interface ScenePictures {
  readonly faceless: readonly Picture[];
  readonly portraits: readonly Portrait[];
}

/** A square of `size * size * 3` RGB bytes that a picture was fitted into, with black around. */
export interface Scene {
  readonly pixels: Uint8Array;
  /** In shares of the square's side. */
  readonly faces: readonly FacePlace[];
}

const ASPECTS = [1, 4 / 3, 16 / 9, 3 / 4, 9 / 16];
const EDGES: readonly Edge[] = ['cut', 'rectangle', 'ellipse'];

/**
 * A picture of a camera: part of a real one with the faces that it has, part of one without a face, or a face put somewhere
 * into one. Then comes what cameras and codecs do. The same stream gives the same scene.
 *
 * @param face what is put into pictures
 * @param pictures all scenes are put together over drawn backgrounds where there is none
 */
export function composeScene(
  random: Random,
  face: Picture,
  size: number,
  config: SceneConfig,
  { faceless, portraits }: ScenePictures,
): Scene {
  const { augment } = config;
  const kind = random.uniform();
  const portrait = kind < config.portraits && portraits.length > 0;
  const plain = kind > 1 - config.faceless && faceless.length > 0;
  const whole = !portrait && !plain && random.chance(config.whole);
  const frame = frameOf(whole ? 1 : random.pick(ASPECTS));
  const made = portrait
    ? cropPortrait(random, random.pick(portraits), size, frame, config)
    : plain
      ? { pixels: cropPicture(random, random.pick(faceless), size, config), faces: [] }
      : placeFace(random, face, { size, frame, config, faceless, whole });
  let { pixels } = made;
  if (random.chance(augment.grey)) toGrey(pixels);
  pixels = recompress(random, blurAndNoise(random, pixels, size, augment), size, augment);
  blacken(pixels, size, frame);
  return { pixels, faces: made.faces };
}

function frameOf(aspect: number): Frame {
  return { width: Math.min(1, aspect), height: Math.min(1, 1 / aspect) };
}

/** A face at a random place and size, with a cut or soft edge, and patches of other pictures about; or these alone. */
function placeFace(
  random: Random,
  face: Picture,
  {
    size,
    frame: { width, height },
    config,
    faceless,
    whole,
  }: Pick<ScenePictures, 'faceless'> & {
    readonly size: number;
    readonly frame: Frame;
    readonly config: SceneConfig;
    readonly whole: boolean;
  },
): Scene {
  const { augment } = config;
  const shorter = Math.min(width, height);
  const empty = !whole && random.chance(config.empty);
  const behind = (): Uint8Array =>
    faceless.length > 0 && random.chance(config.pictures)
      ? cropPicture(random, random.pick(faceless), size, config)
      : drawBackground(random, size);
  const pixels = behind();
  for (let n = random.int(config.patches + 1); n > 0; n--) {
    const patch: Picture = { width: size, height: size, channels: 3, data: behind() };
    const side = shorter * logUniform(random, [0.1, 0.6]);
    const levels = drawLevels(random, augment, false);
    const placed = { centreX: random.uniform(), centreY: random.uniform(), width: side, height: side };
    warp(patch, { ...placed, angle: 0, mirrored: false }, levels, size, pixels, random.pick(EDGES));
  }
  if (empty) return { pixels, faces: [] };
  const side = shorter * (whole ? 0.92 + 0.16 * random.uniform() : logUniform(random, config.scale));
  const place = (room: number): number => 0.5 + (Math.max(0, room - side * 0.8) / 2) * spread(random);
  const [x, y] = whole ? [0.5 + 0.04 * spread(random), 0.5 + 0.04 * spread(random)] : [place(width), place(height)];
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
  return { pixels, faces: [{ x, y, side }] };
}

/** Blacks out what is not of the centred picture. */
function blacken(pixels: Uint8Array, size: number, { width, height }: Frame): void {
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
