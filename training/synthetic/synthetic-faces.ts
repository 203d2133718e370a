import { random } from '../../models/random.ts';
import { EMOTIONS, type Emotion } from '../datasets/emotions.ts';
import { appearanceOf } from './appearance.ts';
import { drawExpression } from './expression.ts';
import { faceSvg } from './face-svg.ts';
import { render } from './render.ts';
import { trainingSeed } from './seeds.ts';

export interface SyntheticFace {
  readonly emotion: Emotion;
  /** Seed of the person; one person shows several emotions. */
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  readonly data: Uint8Array;
}

/** Faces per person, one per emotion before the next person comes. */
const FACES_PER_PERSON = EMOTIONS.length;
/** Faces in work at once, so that every core of a small machine rasterises. */
const DRAWN_AHEAD = 4;

/**
 * Draws `n` faces for the training mix, emotions in turn, `size * size` RGB: people, ways and strengths of showing the
 * emotion, head poses, blinks, speech and crops all vary with the index. The people of {@link trainingSeed} only, never
 * the reserved ones.
 *
 * @param first index of the first face; the same index is always the same face
 */
export async function* syntheticFaces({
  n,
  first = 0,
  size = 96,
}: {
  readonly n: number;
  readonly first?: number;
  readonly size?: number;
}): AsyncGenerator<SyntheticFace> {
  const pending: Promise<SyntheticFace>[] = [];
  try {
    for (let i = first; i < first + n; i++) {
      pending.push(syntheticFace(i, size));
      const oldest = pending.length > DRAWN_AHEAD ? pending.shift() : undefined;
      if (oldest !== undefined) yield await oldest;
    }
    for (let oldest = pending.shift(); oldest !== undefined; oldest = pending.shift()) yield await oldest;
  } finally {
    await Promise.allSettled(pending);
  }
}

/** The emotion that the face of an index shows. */
export function drawnEmotion(index: number): Emotion {
  return EMOTIONS[index % EMOTIONS.length] ?? 'neutral';
}

async function syntheticFace(index: number, size: number): Promise<SyntheticFace> {
  const emotion = drawnEmotion(index);
  const seed = trainingSeed(Math.floor(index / FACES_PER_PERSON));
  const stream = random('synthetic face', index);
  const spread = (): number => 2 * stream.uniform() - 1;
  const pose = {
    expression: drawExpression(stream, emotion, 0.65 + 0.45 * stream.uniform()),
    blink: stream.chance(0.05) ? stream.uniform() : 0,
    speech: stream.chance(0.35) ? stream.uniform() : 0,
    x: 5 * spread(),
    y: 4 * spread(),
    roll: 6 * spread(),
    yaw: spread(),
    pitch: spread(),
    zoom: 0.85 + 0.5 * stream.uniform(),
  };
  const { data } = await render(faceSvg(appearanceOf(seed), pose, { width: size, height: size }));
  return { emotion, seed, width: size, height: size, channels: 3, data };
}
