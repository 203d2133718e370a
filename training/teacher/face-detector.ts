import { fitImage } from '../../models/encoders/image-input/fit-image.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { openSession } from '../../models/runtime/session.ts';
import { rgb, type Picture } from '../augment/picture.ts';
import { SSD_SIZE, ssdGraph } from './ssd-graph.ts';
import { readSsdWeights } from './ssd-weights.ts';

/** A box around a face, in pixels of the picture, and how sure the detector is. */
export interface DetectedFace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly confidence: number;
}

/** A published face detector that the face finder learns from. It is no part of a bundle. */
export interface FaceDetector {
  readonly name: string;
  readonly licence: string;
  /** Every face of a confidence of at least `least`, the surest first; `x` and `y` are the box's centre. */
  detect(picture: Picture, least: number): Promise<DetectedFace[]>;
  close(): Promise<void>;
}

/** Of two boxes that share more than this of their union, the less sure one is the same face. */
const SAME_FACE = 0.5;
/** What the offsets from a prior box are multiples of: of its size, and of the logarithm of the size. */
const PLACE_SCALE = 10;
const SIZE_SCALE = 5;

/**
 * The SSD of face-api.js as the npm registry has it, weights and all, in onnxruntime.
 *
 * @throws UndertoneError `teacher_missing` when its package is not installed
 */
export async function openFaceDetector(threads = 2): Promise<FaceDetector> {
  const weights = await readSsdWeights();
  const priors = weights.get('Output/extra_dim')?.values ?? new Float32Array(0);
  const session = await openSession(emitOnnx(ssdGraph(weights), { params: new Map() }), { threads });
  return {
    name: 'face-api.js SSD MobileNetV1',
    licence: 'MIT',
    async detect(picture, least) {
      const data = fitImage(rgb(picture), { size: SSD_SIZE, fit: 'contain', filter: 'bilinear' });
      const { boxes, classes } = await session.run({
        pixels: { type: 'uint8', dims: [1, SSD_SIZE, SSD_SIZE, 3], data },
      });
      const longer = Math.max(picture.width, picture.height);
      const found = readBoxes(boxes?.data as Float32Array, classes?.data as Float32Array, priors, least);
      return withoutDoubles(found).map(({ x, y, width, height, confidence }) => ({
        x: (x - 0.5) * longer + picture.width / 2,
        y: (y - 0.5) * longer + picture.height / 2,
        width: width * longer,
        height: height * longer,
        confidence,
      }));
    },
    close: () => session.close(),
  };
}

/** Boxes in shares of the input's side, of the prior boxes that are sure enough. */
function readBoxes(offsets: Float32Array, classes: Float32Array, priors: Float32Array, least: number): DetectedFace[] {
  const found: DetectedFace[] = [];
  for (let at = 0; at * 4 < priors.length; at++) {
    const confidence = 1 / (1 + Math.exp(-(classes[at * 3 + 1] as number)));
    if (confidence < least) continue;
    const [top = 0, left = 0, bottom = 0, right = 0] = priors.subarray(at * 4, at * 4 + 4);
    const [down = 0, across = 0, taller = 0, wider = 0] = offsets.subarray(at * 4, at * 4 + 4);
    found.push({
      x: (left + right) / 2 + (across / PLACE_SCALE) * (right - left),
      y: (top + bottom) / 2 + (down / PLACE_SCALE) * (bottom - top),
      width: (right - left) * Math.exp(wider / SIZE_SCALE),
      height: (bottom - top) * Math.exp(taller / SIZE_SCALE),
      confidence,
    });
  }
  return found;
}

/** The surest box of each face, the surest first. */
function withoutDoubles(boxes: readonly DetectedFace[]): DetectedFace[] {
  const kept: DetectedFace[] = [];
  for (const box of boxes.toSorted((a, b) => b.confidence - a.confidence))
    if (kept.every((other) => overlap(box, other) <= SAME_FACE)) kept.push(box);
  return kept;
}

/** Intersection over union. */
function overlap(a: DetectedFace, b: DetectedFace): number {
  const along = (at: 'x' | 'y', size: 'width' | 'height'): number =>
    Math.max(
      0,
      Math.min(a[at] + a[size] / 2, b[at] + b[size] / 2) - Math.max(a[at] - a[size] / 2, b[at] - b[size] / 2),
    );
  const shared = along('x', 'width') * along('y', 'height');
  return shared / (a.width * a.height + b.width * b.height - shared);
}
