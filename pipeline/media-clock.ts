import type { Clock } from './frames.ts';
import type { Settings } from './settings.ts';

/**
 * Media time and the hops in it.
 *
 * Live, media time runs with the wall clock from the first media on; an input that is ahead of it moves it forward,
 * nothing moves it back, but it waits for frames that fall behind. In replay it is the time of the newest input. Hop k
 * is at k hops after the first media (or the origin that the session was given), k >= 1; those that a leap out of reach
 * passes over are left out.
 */
export class MediaClock {
  readonly #settings: Settings;
  readonly #clock: Clock;
  #originMs: number | null = null;
  /** Wall time at media time 0. */
  #anchorWallMs = 0;
  #newestMs = 0;
  /** Media time that the first input knows of. */
  #knownMs = 0;
  #ahead: { readonly wallMs: number; readonly mediaMs: number } | null = null;
  #nextHopMs = 0;
  #leastLagMs = Infinity;
  #lagSinceWallMs = 0;

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    if (settings.originMs !== null) this.observe(settings.originMs);
  }

  get started(): boolean {
    return this.#originMs !== null;
  }

  /** Media time of the first media, or what the session was given; null before. */
  get originMs(): number | null {
    return this.#originMs;
  }

  /** Media time now, whole milliseconds; 0 before the first media. */
  nowMs(): number {
    if (this.#originMs === null) return 0;
    if (this.#settings.mode === 'live')
      this.#newestMs = Math.max(this.#newestMs, Math.floor(this.#clock.now()) - this.#anchorWallMs);
    return this.#newestMs;
  }

  /** Media time of the next hop. */
  get nextHopMs(): number {
    return this.#nextHopMs;
  }

  /** Whether media time may move there in one step. */
  reaches(mediaMs: number): boolean {
    if (this.#originMs === null) return true;
    return mediaMs <= Math.max(this.nowMs(), this.#knownMs) + this.#settings.jumpMs;
  }

  /**
   * Whether an input of that time may be taken in.
   *
   * Live, inputs that are out of reach for `driftMs`, without one in reach, are right: it is this clock that stood still.
   */
  accepts(mediaMs: number): boolean {
    if (this.reaches(mediaMs)) {
      this.#ahead = null;
      return true;
    }
    if (this.#settings.mode === 'replay') return false;
    const wallMs = this.#clock.now();
    const { driftMs, jumpMs } = this.#settings;
    const before = this.#ahead;
    if (before && Math.abs(mediaMs - before.mediaMs - (wallMs - before.wallMs)) <= jumpMs)
      return wallMs - before.wallMs >= driftMs;
    this.#ahead = { wallMs, mediaMs };
    return false;
  }

  /**
   * Takes note of an input's time; the first one starts media time.
   *
   * @param knownMs where the input itself tells of a later time: a caption was spoken up to its end
   */
  observe(mediaMs: number, knownMs = mediaMs): void {
    if (this.#originMs === null) {
      this.#originMs = mediaMs;
      this.#knownMs = knownMs;
      this.#nextHopMs = mediaMs + this.#settings.hopMs;
      this.#lagSinceWallMs = this.#clock.now();
    } else {
      if (mediaMs <= this.nowMs()) return;
      if (!this.reaches(mediaMs)) this.skipHops(mediaMs - 1, 0);
    }
    this.#newestMs = mediaMs;
    this.#anchorWallMs = Math.floor(this.#clock.now()) - mediaMs;
  }

  /**
   * Takes note of how far a frame is behind media time on its arrival, live.
   *
   * The least lag of a while is no jitter: the client's clock is slower, or the way to it has become longer. Media time
   * then stands still for as long, or its frames would leave the window one day. Frames that are further behind than
   * `maxDriftMs` are on another clock, and waiting for them would end all results.
   */
  noteFrame(ptsMs: number): void {
    if (this.#originMs === null || this.#settings.mode === 'replay') return;
    this.#leastLagMs = Math.min(this.#leastLagMs, this.nowMs() - ptsMs);
    const wallMs = this.#clock.now();
    if (wallMs - this.#lagSinceWallMs < this.#settings.driftMs) return;
    if (this.#leastLagMs > 0 && this.#leastLagMs <= this.#settings.maxDriftMs) this.#anchorWallMs += this.#leastLagMs;
    this.#leastLagMs = Infinity;
    this.#lagSinceWallMs = wallMs;
  }

  /** Takes note of words that were said until then: media time is no further ahead of the client's clock than of them. */
  noteSaid(startMs: number, endMs: number): void {
    if (this.#originMs === null) return;
    const nowMs = this.nowMs();
    const lagMs = nowMs - (endMs <= nowMs ? endMs : startMs);
    this.#leastLagMs = Math.min(this.#leastLagMs, Math.max(0, lagMs));
  }

  /** Leaves out the hops that are due at that media time, but for the newest `keep`; true when there were any. */
  skipHops(dueMs: number, keep: number): boolean {
    if (this.#originMs === null) return false;
    const { hopMs } = this.#settings;
    const due = Math.floor((dueMs - this.#nextHopMs) / hopMs) + 1;
    if (due <= keep) return false;
    this.#nextHopMs += (due - keep) * hopMs;
    return true;
  }

  /** Takes the next hop if it is due at that media time. */
  takeHop(dueMs: number): number | null {
    if (this.#originMs === null || this.#nextHopMs > dueMs) return null;
    const hopMs = this.#nextHopMs;
    this.#nextHopMs += this.#settings.hopMs;
    return hopMs;
  }

  /** Wall time at which the next hop comes; null before the first media. */
  nextHopWallMs(): number | null {
    return this.#originMs === null ? null : this.#anchorWallMs + this.#nextHopMs;
  }
}
