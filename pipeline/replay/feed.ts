import { UndertoneError } from '../../models/errors.ts';
import { frameModalityOf } from '../settings.ts';
import { captionsEndMs } from './captions-end.ts';
import { frameShape } from './frame-shape.ts';
import { decodeFrames } from './decode-frames.ts';
import { mediaOrder } from './media-order.ts';
import type { ModelInfo } from '../../models/model.ts';
import type { SentimentSession } from '../frames.ts';
import type { DecodedFrame } from './decode-frames.ts';
import type { DecodeLimits } from './limits.ts';
import type { Recording } from './recording.ts';
import type { TimelineWriter } from './timeline-writer.ts';
import type { Warnings } from './warnings.ts';

export interface ReplayProgress {
  readonly mediaMs: number;
  /** Null where the container does not say. */
  readonly durationMs: number | null;
  readonly predictions: number;
  /** Media time over wall time so far. */
  readonly speed: number;
}

export interface FeedJob {
  readonly recording: Recording;
  readonly info: ModelInfo;
  readonly frameIntervalMs: number;
  readonly timeline: TimelineWriter;
  readonly warnings: Warnings;
  /** The error that ends the replay, once there is one. */
  readonly fatal: () => UndertoneError | undefined;
  readonly limits?: Partial<DecodeLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

export interface Fed {
  /** Media time of the last input. */
  readonly mediaMs: number;
  /** Media time that predictions are due for. */
  readonly durationMs: number;
  /** The video broke off. */
  readonly partial: boolean;
}

/** Inputs under way at once: enough to fill the model's batches, at most a few megabytes of frames. */
const MAX_IN_FLIGHT = 32;
/** Longest media time without an input before predictions are asked for. */
const STEP_MS = 600_000;
/** Failures after which what was decoded so far is kept. */
const PARTIAL = new Set(['video_truncated', 'decode_failed', 'decode_timeout']);

/** Pushes everything in media order; waits for the oldest input when too many are under way. */
export async function feed(session: SentimentSession, job: FeedJob): Promise<Fed> {
  const { recording, info, frameIntervalMs, timeline, warnings, signal } = job;
  const startedMs = performance.now();
  let lastFrameMs = 0;
  let partial = false;
  let jumped = false;
  const modality = frameModalityOf(info)?.name;
  const frames = async function* (): AsyncGenerator<DecodedFrame> {
    if (recording.video === null || modality === undefined) return;
    let any = false;
    try {
      for await (const frame of decode(job, recording.video, () => (jumped = true))) {
        any = true;
        lastFrameMs = frame.ptsMs;
        yield frame;
      }
    } catch (error) {
      if (!any || !(error instanceof UndertoneError) || !PARTIAL.has(error.code)) throw error;
      partial = true;
      warnings.add(error.code, error.message);
    }
    if (jumped) {
      const message = `the timestamps of ${recording.video.file} jump; the times after a jump go on from before it`;
      warnings.add('timestamps_jump', message);
    }
    // Sound and captions may go on.
    void session.push({ kind: 'modality', modality, state: 'ended' });
  };
  // Pictures may go on after the declared end: joined transport streams tell the length of one part.
  const fullMs = (): number =>
    jumped ? Math.round(lastFrameMs + frameIntervalMs) : Math.max(recording.durationMs ?? 0, lastFrameMs);

  let mediaMs = 0;
  const inFlight: Promise<void>[] = [];
  // Captions alone end with the last of them, which may have no length.
  const inputs = mediaOrder(frames(), recording.segments, recording.video === null ? () => Infinity : fullMs);
  let input = await inputs.next();
  try {
    for (; input.done !== true; input = await inputs.next()) {
      signal?.throwIfAborted();
      const failed = job.fatal();
      if (failed !== undefined) throw failed;
      const nextMs = input.value.kind === 'frame' ? input.value.ptsMs : input.value.caption.start_ms;
      await advance(session, mediaMs, nextMs, job);
      mediaMs = nextMs;
      inFlight.push(session.push(input.value));
      if (inFlight.length >= MAX_IN_FLIGHT) await inFlight.shift();
      await timeline.drain();
      const speed = mediaMs / (performance.now() - startedMs);
      job.onProgress?.({ mediaMs, durationMs: recording.durationMs, predictions: timeline.count, speed });
    }
  } finally {
    await inputs.return(0);
    await Promise.all(inFlight);
  }
  if (input.value > 0) {
    warnings.add('captions_after_end', 'a caption starts after the end of the video and was left out', input.value);
  }
  if (!partial) return { mediaMs, durationMs: fullMs(), partial };
  const endMs = Math.max(lastFrameMs + frameIntervalMs, captionsEndMs(recording.segments));
  return { mediaMs, durationMs: Math.round(Math.min(fullMs(), endMs)), partial };
}

function decode(job: FeedJob, video: NonNullable<Recording['video']>, onJump: () => void): AsyncIterable<DecodedFrame> {
  return decodeFrames(video.file, {
    fps: 1000 / job.frameIntervalMs,
    ...frameShape(frameModalityOf(job.info)?.image),
    probe: video.probe,
    limits: job.limits,
    signal: job.signal,
    onJump,
    onFlatHdr: (lacks) =>
      job.warnings.add(
        'hdr_flat',
        `${video.file} is HDR, and its pictures are flat and grey as they are: this ffmpeg lacks ${lacks} to map them; convert the video to SDR, or install a full build of ffmpeg`,
      ),
    onWarning: (message) => job.warnings.add('decoder', `ffmpeg: ${message}`),
  });
}

/**
 * Predicts the way to `toMs` in steps, where nothing comes for long: a session refuses leaps in media time, and its
 * results are written on the way.
 *
 * @param ended whether nothing comes at `toMs` either
 */
export async function advance(
  session: SentimentSession,
  fromMs: number,
  toMs: number,
  { timeline, signal }: Pick<FeedJob, 'timeline' | 'signal'>,
  ended = false,
): Promise<void> {
  for (let atMs = fromMs + STEP_MS; atMs < toMs; atMs += STEP_MS) {
    signal?.throwIfAborted();
    await (ended ? session.finalize(atMs) : session.advance(atMs));
    await timeline.drain();
  }
}

/** One frame for every hop and for every slot of a window. */
export function frameInterval(info: ModelInfo, hopMs: number): number {
  return Math.min(hopMs, info.windowMs / (frameModalityOf(info)?.slots ?? 1));
}
