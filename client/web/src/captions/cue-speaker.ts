import { Segment } from './segment.ts';
import type { CaptionInput } from '../../../sdk/index.ts';
import type { Say } from './words.ts';

export type Cue = Pick<CaptionInput, 'startMs' | 'endMs' | 'text'>;

const REVISE_MS = 400;

/** What is being said of a cue. */
interface Speech {
  readonly segment: Segment;
  spokenMs: number;
}

/**
 * Speaks a clip's captions as a live captioner would: word by word while a cue is on, final when it is over. Several may
 * be on at once; one that is too short to be noticed is on for 400 ms.
 *
 * `tick` is called with the clip's time and the session's media time, both in milliseconds. A jump of the clip, such as
 * its loop, ends what is being said; a cue that is on before and after a loop is said again.
 */
export class CueSpeaker {
  readonly #cues: readonly Cue[];
  readonly #say: Say;
  readonly #speeches = new Map<Cue, Speech>();
  #clipMs = 0;

  constructor(cues: readonly Cue[], say: Say) {
    this.#cues = cues;
    this.#say = say;
  }

  tick(clipMs: number, nowMs: number): void {
    const loops = clipMs < this.#clipMs;
    this.#clipMs = clipMs;
    for (const [cue, { segment }] of this.#speeches) {
      if (isOn(cue, clipMs) && !loops) continue;
      this.#speeches.delete(cue);
      this.#say(segment.say(cue.text, true, nowMs));
    }
    for (const cue of this.#cues) if (isOn(cue, clipMs)) this.#speak(cue, clipMs - cue.startMs, nowMs);
  }

  /** @param sinceMs how long the cue has been on */
  #speak(cue: Cue, sinceMs: number, nowMs: number): void {
    const speech = this.#speeches.get(cue) ?? { segment: new Segment('clip', nowMs - sinceMs), spokenMs: -Infinity };
    this.#speeches.set(cue, speech);
    const words = cue.text.split(' ');
    const share = sinceMs / Math.max(1, cue.endMs - cue.startMs);
    const spoken = words.slice(0, Math.max(1, Math.ceil(share * words.length))).join(' ');
    if (spoken === speech.segment.text || nowMs - speech.spokenMs < REVISE_MS) return;
    speech.spokenMs = nowMs;
    this.#say(speech.segment.say(spoken, false, nowMs));
  }
}

function isOn({ startMs, endMs }: Cue, clipMs: number): boolean {
  return startMs <= clipMs && clipMs < Math.max(endMs, startMs + REVISE_MS);
}
