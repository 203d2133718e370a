import type { Part, RgbImage } from './fit-image.ts';
import type { FoundFace } from './find-face.ts';
import { storedPlace } from './orient-square.ts';

/** Smallest side in pixels that is cut out. */
const LEAST_SIDE = 8;

/**
 * The square of a stored picture in which a face was found, moved and shrunk so that it lies inside. The finder saw the
 * picture upright, all of it fitted into a square.
 */
export function facePart({ width, height }: RgbImage, orientation: number, face: FoundFace): Part {
  const longer = Math.max(width, height);
  const shorter = Math.min(width, height);
  const side = Math.min(shorter, Math.max(LEAST_SIDE, Math.round(face.side * longer)));
  const [x, y] = storedPlace(orientation, face.x, face.y, 1);
  const start = (centre: number, length: number): number => {
    const at = Math.round(centre * longer - (longer - length) / 2 - side / 2);
    return Math.max(0, Math.min(length - side, at));
  };
  return { left: start(x, width), top: start(y, height), width: side, height: side };
}
