import { random } from '../../models/random.ts';
import type { Emotion } from '../datasets/emotions.ts';
import { appearanceOf } from './appearance.ts';
import { type Cue, drawCaptions } from './captions.ts';
import { faceSvg } from './face-svg.ts';
import { type Mood, motion } from './motion.ts';
import { render } from './render.ts';

export interface FaceClip {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly durationMs: number;
  readonly captions: readonly Cue[];
  /** The frames in order, `width * height * 3` RGB bytes each, drawn as they are asked for. */
  frames(): AsyncGenerator<{ readonly timeMs: number; readonly data: Uint8Array }>;
}

export interface FaceClipOptions {
  /** One emotion throughout, or how it changes. */
  readonly emotion: Emotion | readonly Mood[];
  /** The person, how they move, and what they say. */
  readonly seed: number;
  readonly seconds: number;
  readonly fps: number;
  /** A square's side, or width and height, in pixels. */
  readonly size: number | { readonly width: number; readonly height: number };
  /** Replaces the captions drawn by the seed. */
  readonly captions?: readonly Cue[];
  /** Textbook expressions instead of variants drawn by the seed. */
  readonly typical?: boolean;
}

/** A drawn, animated person who shows an emotion and speaks captions of it. The same options give the same clip. */
export function faceClip({ emotion, seed, seconds, fps, size, typical = false, ...given }: FaceClipOptions): FaceClip {
  const durationMs = Math.round(seconds * 1000);
  const moods: readonly Mood[] = typeof emotion === 'string' ? [{ emotion, startMs: 0 }] : emotion;
  const { width, height } = typeof size === 'number' ? { width: size, height: size } : size;
  const captions = given.captions ?? drawCaptions(random('captions', seed), moods, durationMs);
  const look = appearanceOf(seed);
  const poseAt = motion({ seed, moods, durationMs, speech: captions, typical });
  return {
    width,
    height,
    fps,
    durationMs,
    captions,
    async *frames() {
      const count = Math.round(seconds * fps);
      for (let i = 0; i < count; i++) {
        const timeMs = Math.round((i * 1000) / fps);
        const { data } = await render(faceSvg(look, poseAt(timeMs), { width, height }));
        yield { timeMs, data };
      }
    },
  };
}
