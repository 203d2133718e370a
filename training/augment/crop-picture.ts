import type { Random } from '../../models/random.ts';
import { logUniform } from './draws.ts';
import type { FaceAugmentConfig } from './face-config.ts';
import { drawLevels } from './levels.ts';
import type { Picture } from './picture.ts';
import type { Scene, SceneConfig } from './scene.ts';
import { warp } from './warp.ts';

/** Where a face is: the centre and side of a square. */
export interface FacePlace {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** A picture with a face in it, and where its faces are, in its pixels. */
export interface Portrait {
  readonly picture: Picture;
  readonly faces: readonly FacePlace[];
}

/** The part of the square that a picture fills, in shares of its side. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** Faces of less than this share of a picture's shorter side are not looked for. */
const TINY = 0.12;

/** Part of a picture, as large as one of its faces asks for, with all faces whose centres are in it and that are not tiny. */
export function cropPortrait(
  random: Random,
  { picture, faces }: Portrait,
  size: number,
  { width, height }: Frame,
  { scale: [least, most], augment }: Pick<SceneConfig, 'scale' | 'augment'>,
): Scene {
  const shorter = Math.min(width, height);
  const mirrored = random.chance(augment.flip);
  const seen = faces.map((face) => (mirrored ? { ...face, x: picture.width - face.x } : face));
  const { x, y, side } = random.pick(seen);
  // Pixels of the picture for the whole square: at most those that the picture has.
  const room = Math.min(picture.width / width, picture.height / height);
  const smallest = Math.min(most, Math.max(least, side / (room * shorter)));
  const span = Math.min(room, side / (shorter * logUniform(random, [smallest, most])));
  const start = (centre: number, part: number, whole: number): number => {
    const margin = Math.min(0.4 * side, part / 2);
    const low = Math.max(0, centre + margin - part);
    const high = Math.min(whole - part, centre - margin);
    return low < high ? low + (high - low) * random.uniform() : Math.max(0, Math.min(whole - part, centre - part / 2));
  };
  const left = start(x, width * span, picture.width) - ((1 - width) / 2) * span;
  const top = start(y, height * span, picture.height) - ((1 - height) / 2) * span;
  return {
    pixels: crop(random, picture, { left, top, span, mirrored }, size, augment),
    faces: seen
      .map((one) => ({ x: (one.x - left) / span, y: (one.y - top) / span, side: one.side / span }))
      .filter(
        (one) => Math.abs(one.x - 0.5) < width / 2 && Math.abs(one.y - 0.5) < height / 2 && one.side >= TINY * shorter,
      ),
  };
}

/** A random square of a picture. */
export function cropPicture(
  random: Random,
  picture: Picture,
  size: number,
  { cut, augment }: Pick<SceneConfig, 'cut' | 'augment'>,
): Uint8Array {
  const [low, high] = cut;
  const side = Math.min(picture.width, picture.height) * (low + (high - low) * random.uniform());
  const left = (picture.width - side) * random.uniform();
  const top = (picture.height - side) * random.uniform();
  return crop(random, picture, { left, top, span: side, mirrored: random.chance(augment.flip) }, size, augment);
}

/** The square of `span` pixels whose corner is at `left` and `top` of the picture, after it was mirrored, in another light. */
function crop(
  random: Random,
  picture: Picture,
  square: { readonly left: number; readonly top: number; readonly span: number; readonly mirrored: boolean },
  size: number,
  augment: FaceAugmentConfig,
): Uint8Array {
  const { left, top, span, mirrored } = square;
  const placement = {
    centreX: (picture.width / 2 - left) / span,
    centreY: (picture.height / 2 - top) / span,
    width: picture.width / span,
    height: picture.height / span,
    angle: 0,
    mirrored,
  };
  return warp(picture, placement, drawLevels(random, augment, picture.channels === 1), size, undefined);
}
