import type { ImageFit } from '../../models/model.ts';
import { frameShape } from './frame-shape.ts';
import { decodeFrames, type DecodedFrame } from './decode-frames.ts';
import { probeVideo } from './probe.ts';
import type { DecodeLimits } from './limits.ts';

export interface ClipFramesOptions {
  /** Frames to take, one from the middle of each equal part of the clip. */
  readonly count: number;
  /** What the encoder takes, as the model's modality says. */
  readonly image?: ImageFit | undefined;
  readonly limits?: Partial<DecodeLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Rate at which a clip is read whose length the container does not say; of so many frames every second one is kept. */
const UNKNOWN = { fps: 2, frames: 600 };

/**
 * Frames spread evenly over a short clip, in order; null where the pictures do not reach, as at the end of a clip whose
 * sound is longer.
 *
 * @throws UndertoneError those of `probeVideo` and `decodeFrames`; the signal's reason when aborted
 */
export async function clipFrames(file: string, options: ClipFramesOptions): Promise<(DecodedFrame | null)[]> {
  const { count, image, limits, signal } = options;
  const probe = await probeVideo(file, { limits, signal });
  const lengthMs = probe.video?.endMs ?? probe.durationMs;
  const decode = (fps: number): AsyncGenerator<DecodedFrame> =>
    decodeFrames(file, { ...frameShape(image), fps, probe, limits, signal });
  const taken: (DecodedFrame | null)[] = Array.from({ length: count }, () => null);
  if (lengthMs === null || lengthMs <= 0) {
    let frames: DecodedFrame[] = [];
    let read = 0;
    let every = 1;
    for await (const frame of decode(UNKNOWN.fps)) {
      if (read++ % every !== 0) continue;
      frames.push(frame);
      if (frames.length < UNKNOWN.frames) continue;
      frames = frames.filter((_, i) => i % 2 === 0);
      every *= 2;
    }
    return taken.map((_, i) => frames[Math.floor(((i + 0.5) * frames.length) / count)] ?? null);
  }
  // Every second tick of twice the rate is the middle of a part.
  const fps = (2000 * count) / lengthMs;
  for await (const frame of decode(fps)) {
    const tick = Math.round((frame.ptsMs * fps) / 1000);
    if (tick % 2 === 1 && tick < 2 * count) taken[(tick - 1) / 2] = frame;
  }
  return taken;
}
