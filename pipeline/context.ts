import { Subject } from 'rxjs';
import { systemClock } from './clock.ts';
import { Counters } from './counters.ts';
import { MediaClock } from './media-clock.ts';
import { Measures } from './measures.ts';
import { CaptionMemory } from './memory/caption-memory.ts';
import { FrameMemory } from './memory/frame-memory.ts';
import { History } from './memory/history.ts';
import { Newest } from './memory/newest.ts';
import { StreamMemory } from './memory/stream-memory.ts';
import { TextCache } from './memory/text-cache.ts';
import { Troubles } from './problems.ts';
import { Fidelity } from './result/fidelity.ts';
import { settingsFor } from './settings.ts';
import { TokenBucket } from './token-bucket.ts';
import type { ImageInput, SentimentModel } from '../models/model.ts';
import type { Clock, SessionOptions } from './frames.ts';
import type { Settings } from './settings.ts';

/** The private state of one session, shared by its stages. */
export interface SessionContext {
  readonly model: SentimentModel;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly media: MediaClock;
  /** Hops that may come, however fast media time goes on. */
  readonly hopAllowance: TokenBucket;
  readonly frames: FrameMemory;
  readonly captions: CaptionMemory;
  readonly texts: TextCache;
  /** What an injected freeze repeats: the newest that was not lost, or its last repetition. */
  readonly repeatable: { readonly image: Newest<ImageInput>; readonly text: Newest<string> };
  /** By modality name; every modality of the model is present. */
  readonly streams: ReadonlyMap<string, StreamMemory>;
  readonly counters: Counters;
  readonly measures: Measures;
  readonly history: History;
  readonly fidelity: Fidelity;
  readonly troubles: Troubles;
  /** Media time of a frame of which it has just turned out whether it can be encoded. */
  readonly frameSettled: Subject<number>;
  /** What the last call for a frame's embedding took, its wait in the queue included. */
  encodeTookMs: number;
  /** Windows on their way through the predict stage, and those of them that are no revisions. */
  pendingWindows: number;
  pendingHops: number;
}

export function createContext(model: SentimentModel, options: SessionOptions): SessionContext {
  const settings = settingsFor(model.info, options);
  const clock = options.clock ?? systemClock;
  return {
    model,
    settings,
    clock,
    media: new MediaClock(settings, clock),
    hopAllowance: new TokenBucket(settings.maxPendingHops, (1000 * settings.maxHopRate) / settings.hopMs, () =>
      clock.now(),
    ),
    frames: new FrameMemory(),
    captions: new CaptionMemory(),
    texts: new TextCache((text) => model.encode(settings.captionModality ?? '', { kind: 'text', text })),
    repeatable: { image: new Newest(), text: new Newest() },
    streams: new Map(model.info.modalities.map((modality) => [modality.name, new StreamMemory()])),
    counters: new Counters(),
    measures: new Measures(),
    history: new History(),
    fidelity: new Fidelity(),
    troubles: new Troubles(),
    frameSettled: new Subject(),
    encodeTookMs: 0,
    pendingWindows: 0,
    pendingHops: 0,
  };
}
