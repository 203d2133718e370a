import { keepEnd } from '../../../pipeline/captions/words.ts';
import { randomPrefix } from './caption-source.ts';
import type { CaptionInput } from '../events.ts';
import type { CaptionSourceOptions } from './caption-source.ts';

/** Words of one segment as a source has them now; times in its own milliseconds. */
export interface Said {
  readonly text: string;
  readonly isFinal: boolean;
  readonly startMs: number;
  readonly endMs: number;
  readonly confidence?: number | undefined;
  readonly speaker?: string | undefined;
  readonly language?: string | undefined;
}

interface Segment {
  said: Said;
  revision: number;
}

/** The protocol's limits. */
const MAX_TEXT = 4096;
const MAX_NAME = 128;
const MAX_LANGUAGE = 35;

const MAX_SEGMENTS = 256;

/** Numbers the revisions of a source's segments. Bound: the newest 256 segments. */
export class CaptionSegments {
  readonly #prefix: string;
  readonly #offsetMs: number;
  readonly #segments = new Map<string, Segment>();

  constructor({ prefix = randomPrefix(), offsetMs = 0 }: CaptionSourceOptions) {
    this.#prefix = prefix;
    this.#offsetMs = offsetMs;
  }

  /** What was last said of a segment. */
  last(key: string): Said | undefined {
    return this.#segments.get(key)?.said;
  }

  /**
   * The next revision of a segment; none when nothing of it changed, when it is empty and always was, or when it ended before
   * media time 0.
   */
  say(key: string, said: Said): CaptionInput[] {
    const words = { ...said, text: keepEnd(said.text.replaceAll(/\s+/g, ' ').trim(), MAX_TEXT) };
    const known = this.#segments.get(key);
    const endMs = Math.round(words.endMs + this.#offsetMs);
    if (known ? same(known.said, words) : words.text === '' || endMs < 0) return [];
    const revision = known ? known.revision + 1 : 0;
    this.#segments.set(key, { said: words, revision });
    const oldest = this.#segments.keys().next();
    if (this.#segments.size > MAX_SEGMENTS && !oldest.done) this.#segments.delete(oldest.value);
    const startMs = Math.max(0, Math.round(words.startMs + this.#offsetMs));
    const { confidence, speaker, language } = words;
    return [
      {
        segmentId: `${this.#prefix}-${key}`,
        revision,
        text: words.text,
        isFinal: words.isFinal,
        startMs,
        endMs: Math.max(startMs, endMs),
        ...(confidence === undefined ? {} : { confidence: Math.min(1, Math.max(0, confidence)) }),
        ...(speaker === undefined || speaker === '' ? {} : { speaker: speaker.slice(0, MAX_NAME) }),
        ...(language === undefined || language === '' ? {} : { language: language.slice(0, MAX_LANGUAGE) }),
      },
    ];
  }
}

function same(a: Said, b: Said): boolean {
  return a.text === b.text && a.isFinal === b.isFinal && a.startMs === b.startMs && a.endMs === b.endMs;
}
