import * as z from 'zod';
import { CaptionSegments } from './caption-segments.ts';
import { readMessage } from './read-message.ts';
import type { CaptionInput } from '../events.ts';
import type { CaptionSourceOptions } from './caption-source.ts';

export interface WebSpeechOptions extends Omit<CaptionSourceOptions, 'offsetMs'> {
  /** Media time now; the Web Speech API tells no times. */
  readonly nowMs: () => number;
  /** How long recognition takes to tell the first words, in milliseconds. Default 500. */
  readonly lagMs?: number | undefined;
  /** Language of the recognition: `en-GB`. */
  readonly language?: string | undefined;
}

export interface WebSpeechCaptions {
  /**
   * Takes a `result` event of a SpeechRecognition and gives the captions to send.
   *
   * @throws {ClientError} `bad_caption` for what is no such event
   */
  result(event: unknown): CaptionInput[];
  /** Takes its `end` event: what was not final stays as it was heard, and is now. Results that follow are new ones. */
  end(): CaptionInput[];
}

/** The browser's own objects: lists have a length and numbered items, and are no arrays. */
const Listed = z.custom<ArrayLike<unknown>>(
  (value) => typeof value === 'object' && value !== null && Number.isInteger((value as { length?: unknown }).length),
  'must be a list',
);
const ResultEvent = z.object({ resultIndex: z.int().min(0), results: Listed });
const Result = z.object({
  isFinal: z.boolean(),
  0: z.object({ transcript: z.string(), confidence: z.number().optional() }),
});

/** Longest time between a final result and the one that begins with it, where they are of one utterance. */
const GROWS_WITHIN_MS = 3000;

/**
 * Turns results of the browser's SpeechRecognition into captions.
 *
 * Each place of its list is a segment until it is final. Interim results may split what is being said over several places
 * and join them again: a place that is gone from the list takes its words back. Chrome on Android has no interim results:
 * it calls every one final and gives it a place of its own, which begins with what it told before. Those are one segment.
 *
 * @see https://webaudio.github.io/web-speech-api/#speechreco-event
 */
export function webSpeechCaptions({ nowMs, lagMs = 500, language, ...options }: WebSpeechOptions): WebSpeechCaptions {
  const segments = new CaptionSegments(options);
  /** The segments of this recognition, by their place. Some browsers repeat those that are final. */
  let places = new Map<number, string>();
  let made = 0;

  const isOpen = (key: string): boolean => segments.last(key)?.isFinal === false;
  const finish = (key: string, text?: string): CaptionInput[] => {
    const said = segments.last(key);
    return said ? segments.say(key, { ...said, text: text ?? said.text, isFinal: true }) : [];
  };
  /** The segment of the place before, where a final result that was never interim says its words once more, or more of them. */
  const grown = (place: number, text: string, atMs: number): string | undefined => {
    const key = places.get(place - 1);
    const said = key === undefined ? undefined : segments.last(key);
    if (!said?.isFinal || said.text === '' || atMs - said.endMs > GROWS_WITHIN_MS) return undefined;
    return letters(text).startsWith(letters(said.text)) ? key : undefined;
  };
  const hear = (place: number, { isFinal, 0: best }: z.infer<typeof Result>): CaptionInput[] => {
    const text = best.transcript.trim();
    const endMs = nowMs();
    const known = places.get(place) ?? (isFinal ? grown(place, text, endMs) : undefined);
    if (known !== undefined) {
      if (places.get(place + 1) === known) return [];
      places.set(place, known);
    }
    const before = known === undefined ? undefined : segments.last(known);
    if (before ? before.isFinal && before.text === text : text === '') return [];
    const key = known ?? String(made++);
    places.set(place, key);
    const { confidence } = best;
    return segments.say(key, {
      text,
      isFinal,
      startMs: before?.startMs ?? Math.max(0, endMs - lagMs),
      endMs,
      // Browsers give 0 where they do not know.
      confidence: confidence === 0 ? undefined : confidence,
      language,
    });
  };

  return {
    result(event) {
      const { resultIndex, results } = readMessage(ResultEvent, event, 'the Web Speech API');
      const heard = Array.from({ length: Math.max(0, results.length - resultIndex) }, (_, i) =>
        readMessage(Result, results[resultIndex + i], 'the Web Speech API'),
      );
      const gone = [...places].filter(([place, key]) => place >= results.length && isOpen(key));
      for (const [place] of gone) places.delete(place);
      return [
        ...gone.flatMap(([, key]) => finish(key, '')),
        ...heard.flatMap((result, i) => hear(resultIndex + i, result)),
      ];
    },
    end() {
      const open = [...places.values()].filter(isOpen);
      places = new Map();
      return open.flatMap((key) => finish(key));
    },
  };
}

/** Letters and digits alone, without case: recognisers add capitals and points later. */
function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}
