import { EXIT, UndertoneError } from '../models/errors.ts';
import type { ModalitySpec, ModelInfo } from '../models/model.ts';
import type { SessionOptions } from './frames.ts';

/** Every number that the stages go by; times in milliseconds, media time unless the name says wall. */
export interface Settings {
  readonly mode: 'live' | 'replay';
  readonly windowMs: number;
  readonly hopMs: number;
  /** Media time that hops count from; null: that of the first media. */
  readonly originMs: number | null;
  /** Weight of the past in the smoothed score, [0, 0.99]. */
  readonly smoothing: number;
  /** Whether every result tells what other inputs would have scored. */
  readonly counterfactuals: boolean;
  /** The modality that frames feed and the one that captions feed; null when the model has none of that kind. */
  readonly frameModality: string | null;
  readonly captionModality: string | null;
  /** Frames closer than this to the one before them are not encoded: `decimated`. */
  readonly decimateMs: number;
  /** A slot without a frame of its own shows the frame before it, if that is less than this much older. */
  readonly holdMs: number;
  /** Without frames for this long, the stream of frames has stopped. */
  readonly gapMs: number;
  /** A caption stream is alive this long after a caption or a keepalive. */
  readonly aliveMs: number;
  /** How long a hop waits, in wall time, for the frame of its own time to be encoded. */
  readonly slackWallMs: number;
  /** How late a caption may come and still revise results. */
  readonly latenessMs: number;
  /** How far the time of an input may lie ahead of media time; live, further only after `driftMs`. */
  readonly jumpMs: number;
  /** Live, how long a caption may last that ends further than `jumpMs` ahead of media time. */
  readonly captionMs: number;
  /** Wall time over which the least lag of frames, or a lead of all inputs, is taken for the client's clock being right. */
  readonly driftMs: number;
  /** A longer lag of frames is not for media time to wait for. */
  readonly maxDriftMs: number;
  /** Characters of a window's text; longer text keeps its end. */
  readonly maxTextLength: number;
  /** Predictions at once, and hops that may wait for one before hops are skipped. */
  readonly concurrency: number;
  readonly maxPendingHops: number;
  /** Live, hops in the wall time of one, in the long run; `maxPendingHops` may come at once. */
  readonly maxHopRate: number;
  /** One window in so many also predicts with each modality masked, to measure the synthesis. */
  readonly fidelityEvery: number;
}

/** @throws UndertoneError `bad_setting` for a hop or a smoothing that no session can have */
export function checkSettings(options: {
  readonly hopMs?: number | undefined;
  readonly smoothing?: number | undefined;
}): void {
  const { hopMs, smoothing = 0 } = options;
  if (hopMs !== undefined && !(Number.isSafeInteger(hopMs) && hopMs >= 1))
    throw new UndertoneError('bad_setting', `the hop must be whole milliseconds, at least 1, not ${hopMs}`, {
      exitCode: EXIT.usage,
    });
  if (!(smoothing >= 0 && smoothing <= 0.99))
    throw new UndertoneError('bad_setting', `the smoothing must be from 0 to 0.99, not ${smoothing}`, {
      exitCode: EXIT.usage,
    });
}

/** The modality that frames feed: `video`, or the first of their kind. */
export function frameModalityOf({ modalities }: ModelInfo): ModalitySpec | undefined {
  const frames = modalities.filter(({ kind }) => kind === 'image');
  return frames.find(({ name }) => name === 'video') ?? frames[0];
}

/** Settings of a session with that model. @throws UndertoneError those of `checkSettings` */
export function settingsFor(info: ModelInfo, options: SessionOptions): Settings {
  checkSettings(options);
  const hopMs = options.hopMs ?? info.hopMs;
  const frameModality = frameModalityOf(info);
  const texts = info.modalities.filter((modality) => modality.kind === 'text');
  const captionModality = texts.find((modality) => modality.name === 'text') ?? texts[0];
  const slotMs = info.windowMs / (frameModality?.slots ?? 1);
  return {
    mode: options.mode,
    windowMs: info.windowMs,
    hopMs,
    originMs: options.originMs ?? null,
    smoothing: options.smoothing ?? 0,
    counterfactuals: options.counterfactuals ?? false,
    frameModality: frameModality?.name ?? null,
    captionModality: captionModality?.name ?? null,
    decimateMs: Math.min(hopMs, slotMs) / 2,
    holdMs: slotMs,
    gapMs: Math.max(1000, 2 * slotMs),
    aliveMs: 15_000,
    slackWallMs: Math.min(0.55 * hopMs, 200),
    latenessMs: options.latenessMs ?? 3000,
    jumpMs: options.mode === 'live' ? 10_000 : 3_600_000,
    captionMs: 60_000,
    driftMs: 10_000,
    maxDriftMs: 60_000,
    maxTextLength: 2000,
    concurrency: 8,
    maxPendingHops: 64,
    maxHopRate: 2,
    fidelityEvery: 8,
  };
}
