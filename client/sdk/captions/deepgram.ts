import * as z from 'zod';
import { CaptionSegments } from './caption-segments.ts';
import { meanConfidence } from './mean-confidence.ts';
import { readMessage } from './read-message.ts';
import type { CaptionInput } from '../events.ts';
import type { CaptionSourceOptions } from './caption-source.ts';

const Seconds = z.number().min(0);

const Results = z.object({
  type: z.literal('Results'),
  channel_index: z.array(z.int().min(0)).optional(),
  start: Seconds,
  duration: Seconds,
  is_final: z.boolean().default(false),
  channel: z.object({
    alternatives: z.array(
      z.object({
        transcript: z.string(),
        confidence: z.number().optional(),
        languages: z.array(z.string()).optional(),
        words: z.array(z.object({ start: Seconds, end: Seconds, speaker: z.int().min(0).optional() })).default([]),
      }),
    ),
  }),
});

/** Of Flux (`/v2/listen`): the words of a turn so far, several times a second. */
const TurnInfo = z.object({
  type: z.literal('TurnInfo'),
  event: z.string(),
  turn_index: z.int().min(0),
  audio_window_start: Seconds,
  audio_window_end: Seconds,
  transcript: z.string(),
  words: z
    .array(z.object({ confidence: z.number().optional(), start: Seconds.optional(), end: Seconds.optional() }))
    .default([]),
  languages: z.array(z.string()).optional(),
});
type TurnInfo = z.infer<typeof TurnInfo>;

const WORDY: ReadonlySet<string> = new Set(['Results', 'TurnInfo']);

/** `Metadata`, `SpeechStarted`, `UtteranceEnd`, `Connected` and whatever else tells no words. */
const Other = z.object({ type: z.string().refine((type) => !WORDY.has(type), 'its fields are wrong') });
const Message = z.union([Results, TurnInfo, Other]);

/** The segment that a channel is in. */
interface Channel {
  segment: number;
  /** `start` of the newest final segment, in seconds. */
  finalStart: number | null;
}

/**
 * Turns Deepgram's live results (`/v1/listen`, `interim_results` on or off) and Flux's turns (`/v2/listen`) into captions.
 *
 * Everything between two finals of a channel is one segment; a final that is sent again revises the one that it repeats.
 * A turn of Flux is one segment, final with its `EndOfTurn`: after an `EagerEndOfTurn` it may go on.
 * Set `offsetMs` to the media time at which the audio began, and make a new reader for a new connection.
 *
 * @see https://developers.deepgram.com/docs/understand-endpointing-interim-results
 * @see https://developers.deepgram.com/docs/flux/state
 * @returns a function that takes one message (JSON text or value) and gives the captions to send, mostly one or none. It
 * throws a {@link ClientError} `bad_caption` for what is no message of Deepgram; the next one is read all the same.
 */
export function deepgramCaptions(options: CaptionSourceOptions = {}): (message: unknown) => CaptionInput[] {
  const segments = new CaptionSegments(options);
  const channels = new Map<number, Channel>();
  return (message) => {
    const results = readMessage(Message, message, 'Deepgram');
    if ('turn_index' in results) return sayTurn(segments, results);
    if (!('channel' in results)) return [];
    const number = results.channel_index?.[0] ?? 0;
    const channel = channels.get(number) ?? { segment: 0, finalStart: null };
    channels.set(number, channel);
    const [best] = results.channel.alternatives;
    const words = best?.words ?? [];
    const speakers = new Set(words.map(({ speaker }) => speaker));
    const [speaker] = speakers;
    const repeated = results.is_final && results.start === channel.finalStart;
    const key = `${number}-${repeated ? channel.segment - 1 : channel.segment}`;
    const captions = segments.say(key, {
      text: best?.transcript ?? '',
      isFinal: results.is_final,
      startMs: 1000 * (words[0]?.start ?? results.start),
      endMs: 1000 * (words.at(-1)?.end ?? results.start + results.duration),
      confidence: best?.confidence,
      speaker: speakers.size === 1 && speaker !== undefined ? `speaker ${speaker}` : undefined,
      language: best?.languages?.[0],
    });
    if (results.is_final && !repeated && segments.last(key)) {
      channel.segment++;
      channel.finalStart = results.start;
    }
    return captions;
  };
}

function sayTurn(segments: CaptionSegments, turn: TurnInfo): CaptionInput[] {
  const { event, turn_index, audio_window_start, audio_window_end, transcript, words, languages } = turn;
  const key = `turn-${turn_index}`;
  const known = segments.last(key);
  const isFinal = event === 'EndOfTurn';
  // The window grows with the audio; while no word comes, the words end where they did.
  const endMs = 1000 * (words.at(-1)?.end ?? audio_window_end);
  return segments.say(key, {
    text: transcript,
    isFinal,
    startMs: known?.startMs ?? 1000 * (words[0]?.start ?? audio_window_start),
    endMs: known?.text === transcript.trim() ? known.endMs : endMs,
    confidence: meanConfidence(words),
    language: languages?.[0],
  });
}
