import { toPixels } from '../../models/encoders/image-input/to-pixels.ts';
import type { ImageInput } from '../../models/model.ts';
import type { Random } from '../../models/random.ts';
import { drawBackground } from '../augment/background.ts';
import { decodePicture } from '../augment/decode-picture.ts';
import { throughJpeg } from '../augment/effects.ts';
import { NO_FACE_AUGMENT } from '../augment/face-config.ts';
import { drawLevels } from '../augment/levels.ts';
import { warp } from '../augment/warp.ts';

const WIDTH = 640;
const HEIGHT = 480;
const QUALITY = 85;

/**
 * A 640 x 480 frame with a face crop of `height` times the frame's height, cut off at its edges, its centre anywhere in the
 * frame's middle half as far as it stays inside; recompressed as JPEG of quality 85.
 *
 * @param face bytes of the crop's file
 * @param behind bytes of a picture to stand behind it, its middle cut out; a drawn background where there is none
 * @throws UndertoneError `image_format`, `image_corrupt`
 */
export async function faceInFrame(
  random: Random,
  face: Uint8Array,
  height: number,
  behind: Uint8Array | undefined,
): Promise<ImageInput> {
  const picture = await decodePicture(face, { minSide: Math.ceil(height * HEIGHT) });
  const square =
    behind === undefined
      ? drawBackground(random, WIDTH)
      : await toPixels({ kind: 'image', bytes: behind }, { size: WIDTH, fit: 'cover', filter: 'area' });
  const side = height * HEIGHT;
  const centre = (length: number): number => {
    const at = length * (0.25 + 0.5 * random.uniform());
    return Math.max(side / 2, Math.min(length - side / 2, at));
  };
  const placement = {
    centreX: centre(WIDTH) / WIDTH,
    centreY: ((WIDTH - HEIGHT) / 2 + centre(HEIGHT)) / WIDTH,
    width: (side * (picture.width / picture.height)) / WIDTH,
    height: side / WIDTH,
    angle: 0,
    mirrored: false,
  };
  const levels = drawLevels(random, NO_FACE_AUGMENT, false);
  const whole = throughJpeg(warp(picture, placement, levels, WIDTH, square, 'cut'), WIDTH, QUALITY);
  const first = ((WIDTH - HEIGHT) / 2) * WIDTH * 3;
  return { kind: 'rgb', width: WIDTH, height: HEIGHT, data: whole.slice(first, first + WIDTH * HEIGHT * 3) };
}
