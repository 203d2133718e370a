import type { Random } from '../../models/random.ts';

/** How the frames of a composed clip are chosen. */
export interface ClipConfig {
  /** Weights of drawing 1, 2, 3, ... faces for one clip, each for a contiguous run of slots; two may be the same. */
  readonly faceCounts: readonly number[];
  /** Chance that the clip starts with neutral frames, as an expression that sets in. */
  readonly onset: number;
  /** Most neutral frames at the start, as a share of the slots. */
  readonly onsetShare: number;
  /** Emotion whose faces are the onset. */
  readonly onsetEmotion: string;
  /** Chance per slot of a face of any emotion: blinks, speech, glances, wrong labels. */
  readonly stray: number;
  /** Augmented versions of each face that the caller has; each slot draws one. 1 where there is only the face itself. */
  readonly variants: number;
}

export const DEFAULT_CLIP: ClipConfig = {
  faceCounts: [0.6, 0.3, 0.1],
  onset: 0.2,
  onsetShare: 0.375,
  onsetEmotion: 'neutral',
  stray: 0.05,
  variants: 1,
};

/** Faces of each emotion, as indices into the caller's table of images or embeddings. */
export type FacesByEmotion = Readonly<Record<string, readonly number[]>>;

/** One clip as indices; pixels or embeddings are looked up by whoever trains on it. */
export interface Clip {
  /** Per slot, oldest first, the face shown. */
  readonly faces: Int32Array;
  /** Per slot the version of that face, in [0, variants). */
  readonly variants: Int32Array;
}

/**
 * A run of faces that show an emotion.
 *
 * One to three faces follow each other, drawn with replacement; about a fifth of the clips set in from neutral; a few slots
 * show a stray face. The same stream and inputs give the same clip.
 *
 * @throws RangeError when the emotion has no faces.
 */
export function composeClip({
  random,
  emotion,
  faces,
  slots,
  config = DEFAULT_CLIP,
}: {
  readonly random: Random;
  readonly emotion: string;
  readonly faces: FacesByEmotion;
  readonly slots: number;
  readonly config?: ClipConfig;
}): Clip {
  const own = faces[emotion] ?? [];
  if (own.length === 0) throw new RangeError(`no faces of emotion ${emotion}`);
  const shown = new Int32Array(slots);
  for (const { start, end } of runs(random, slots, 1 + weighted(random, config.faceCounts)))
    shown.fill(random.pick(own), start, end);

  const onsetFaces = faces[config.onsetEmotion] ?? [];
  if (onsetFaces.length > 0 && emotion !== config.onsetEmotion && random.chance(config.onset)) {
    const most = Math.min(slots - 1, Math.floor(slots * config.onsetShare));
    if (most > 0) shown.fill(random.pick(onsetFaces), 0, 1 + random.int(most));
  }

  const emotions = Object.keys(faces).filter((name) => (faces[name] ?? []).length > 0);
  const variants = new Int32Array(slots);
  for (let i = 0; i < slots; i++) {
    // One slot at least shows the emotion.
    if (i < slots - 1 && random.chance(config.stray)) shown[i] = random.pick(faces[random.pick(emotions)] ?? own);
    variants[i] = random.int(Math.max(1, config.variants));
  }
  return { faces: shown, variants };
}

/** Cuts [0, slots) into `count` contiguous runs of random length, at most one per slot. */
function runs(random: Random, slots: number, count: number): { start: number; end: number }[] {
  const inner = Array.from({ length: slots - 1 }, (_, i) => i + 1);
  const cuts = random
    .shuffle(inner)
    .slice(0, count - 1)
    .toSorted((a, b) => a - b);
  return [0, ...cuts].map((start, i) => ({ start, end: cuts[i] ?? slots }));
}

/** An index with probability proportional to its weight. */
function weighted(random: Random, weights: readonly number[]): number {
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    if (rest < weight) return index;
    rest -= weight;
  }
  return 0;
}
