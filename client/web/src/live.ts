import { connect } from '../../sdk/index.ts';
import { CueSpeaker } from './captions/cue-speaker.ts';
import { FrameGrabber } from './sources/frame-grabber.ts';
import type { ConnectOptions, UndertoneClient } from '../../sdk/index.ts';
import type { Source } from './sources/source.ts';
import type { Say, Words } from './captions/words.ts';

const FRAME_EVERY_MS = 200;

/** Names of the modalities that this page feeds; a bundle may have others. */
export const VIDEO = 'video';
export const TEXT = 'text';

export interface Run {
  readonly source: Source;
  readonly video: HTMLVideoElement;
  /** `performance.now()` at media time 0; now, unless it goes on with a session. */
  readonly originMs?: number | undefined;
}

/** One run of a source: its frames and captions go out, and the client's events come in. */
export class Live {
  readonly client: UndertoneClient;
  readonly source: Source;
  readonly #video: HTMLVideoElement;
  readonly #grabber = new FrameGrabber();
  readonly #speaker: CueSpeaker;
  readonly #onWords: Say;
  readonly #off = new Set<string>();
  readonly #originMs: number;
  readonly #ticker: ReturnType<typeof setInterval>;
  readonly #stopped = new AbortController();

  constructor(options: ConnectOptions, { source, video, originMs = performance.now() }: Run, onWords: Say) {
    this.source = source;
    this.#video = video;
    this.#onWords = onWords;
    this.#originMs = originMs;
    this.#speaker = new CueSpeaker(source.cues, (words) => this.say(words));
    this.client = connect({ ...options, counterfactuals: true });
    this.#ticker = setInterval(() => this.#tick(), FRAME_EVERY_MS);
    // In a hidden tab timers run once a second, and later once a minute; what comes from the server is told all the same.
    this.client.on('result', () => {
      if (document.hidden) this.#tick();
    });
    // A tab that the browser froze comes back with its video paused.
    for (const back of ['resume', 'visibilitychange'])
      document.addEventListener(back, () => this.#play(), { signal: this.#stopped.signal });
  }

  /** Media time: whole milliseconds since the session began. */
  nowMs(): number {
    return Math.round(performance.now() - this.#originMs);
  }

  /** False where the session's model takes none; before there is a session, true. */
  get readsCaptions(): boolean {
    return this.client.session?.bundle.modalities.some(({ kind }) => kind === 'text') ?? true;
  }

  isOn(modality: string): boolean {
    return !this.#off.has(modality);
  }

  /** Drops a stream or takes it up again. */
  setStream(modality: string, on: boolean): void {
    if (on) this.#off.delete(modality);
    else this.#off.add(modality);
    this.client.setModality(modality, { state: on ? 'active' : 'paused' });
  }

  /** Sends a caption unless captions are dropped, or are nothing to the model. */
  say(words: Words): void {
    if (!this.isOn(TEXT) || !this.readsCaptions) return;
    const { origin: _, ...caption } = words;
    this.client.sendCaption(caption);
    this.#onWords(words);
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#ticker);
    this.#stopped.abort();
    this.source.close();
    void this.client.close();
  }

  #play(): void {
    if (this.#video.paused) void this.#video.play().catch(() => undefined);
  }

  #tick(): void {
    if (this.source.kind !== 'camera') this.#speaker.tick(1000 * this.#video.currentTime, this.nowMs());
    if (!this.isOn(VIDEO) || !this.client.wantsFrame) return;
    const image = this.#grabber.grab(this.#video);
    if (image) this.client.sendFrame(image, this.nowMs());
  }
}
