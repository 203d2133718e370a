import { cueText } from '../../../../pipeline/captions/cue-text.ts';
import { Segment } from './segment.ts';
import type { Say } from './words.ts';

/** A cue of the browser's, whose text is that of the file, markup and all. */
export interface Cue {
  readonly startTime: number;
  readonly endTime: number;
  readonly text: string;
}

const REVISE_MS = 400;

/**
 * Speaks a clip's captions as a live captioner would: word by word while a cue is on, final when it is over.
 *
 * `tick` is called with the clip's time in seconds and the session's media time in milliseconds. A jump of the clip,
 * such as its loop, ends what is being said.
 */
export class CueSpeaker {
  readonly #cues: () => Iterable<Cue>;
  readonly #say: Say;
  #cue: Cue | undefined;
  #text = '';
  #segment: Segment | undefined;
  #spokenMs = 0;

  constructor(cues: () => Iterable<Cue>, say: Say) {
    this.#cues = cues;
    this.#say = say;
  }

  tick(clipS: number, nowMs: number): void {
    const cue = this.#cueAt(clipS);
    if (cue !== this.#cue) this.#finish(nowMs);
    if (!cue) return;
    if (!this.#segment) {
      this.#cue = cue;
      this.#text = cueText(cue.text).text;
      this.#segment = new Segment('clip', nowMs - (clipS - cue.startTime) * 1000);
      this.#spokenMs = -Infinity;
    }
    const words = this.#text.split(' ');
    const share = (clipS - cue.startTime) / Math.max(0.001, cue.endTime - cue.startTime);
    const spoken = words.slice(0, Math.max(1, Math.ceil(share * words.length))).join(' ');
    if (spoken === this.#segment.text || nowMs - this.#spokenMs < REVISE_MS) return;
    this.#spokenMs = nowMs;
    this.#say(this.#segment.say(spoken, false, nowMs));
  }

  #cueAt(clipS: number): Cue | undefined {
    for (const cue of this.#cues()) if (cue.startTime <= clipS && clipS < cue.endTime) return cue;
    return undefined;
  }

  #finish(nowMs: number): void {
    if (this.#segment) this.#say(this.#segment.say(this.#text, true, nowMs));
    this.#cue = undefined;
    this.#segment = undefined;
  }
}
