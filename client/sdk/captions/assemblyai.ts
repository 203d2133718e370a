import * as z from 'zod';
import { CaptionSegments } from './caption-segments.ts';
import { meanConfidence } from './mean-confidence.ts';
import { readMessage } from './read-message.ts';
import type { CaptionInput } from '../events.ts';
import type { CaptionSourceOptions } from './caption-source.ts';

const Milliseconds = z.number().min(0);

const Turn = z.object({
  type: z.literal('Turn'),
  turn_order: z.int().min(0),
  end_of_turn: z.boolean(),
  transcript: z.string(),
  words: z
    .array(
      z.object({
        text: z.string(),
        start: Milliseconds,
        end: Milliseconds,
        confidence: z.number().optional(),
        word_is_final: z.boolean().default(false),
      }),
    )
    .default([]),
  speaker_label: z.string().nullish(),
  language_code: z.string().nullish(),
});
type Turn = z.infer<typeof Turn>;

/** `Begin`, `SpeechStarted`, `Termination` and whatever else tells no words. */
const Other = z.object({ type: z.string().refine((type) => type !== 'Turn', 'fields of Turn are wrong') });
const Message = z.union([Turn, Other]);

/**
 * Turns AssemblyAI's streaming messages (version 3) into captions.
 *
 * A turn is one segment: every message about it is a revision, and so is the formatted turn that comes after its end. Set
 * `offsetMs` to the media time at which the audio began, and make a new reader for a new connection.
 *
 * @see https://www.assemblyai.com/docs/streaming/message-sequence
 * @returns a function that takes one message (JSON text or value) and gives the captions to send, one or none. It throws a
 * {@link ClientError} `bad_caption` for what is no message of AssemblyAI; the next one is read all the same.
 */
export function assemblyAiCaptions(options: CaptionSourceOptions = {}): (message: unknown) => CaptionInput[] {
  const segments = new CaptionSegments(options);
  return (message) => {
    const turn = readMessage(Message, message, 'AssemblyAI');
    if (!('transcript' in turn)) return [];
    const key = String(turn.turn_order);
    const { words, speaker_label: speaker, language_code: language } = turn;
    const before = segments.last(key);
    return segments.say(key, {
      text: textOf(turn),
      isFinal: turn.end_of_turn,
      startMs: words[0]?.start ?? before?.startMs ?? 0,
      endMs: words.at(-1)?.end ?? before?.endMs ?? 0,
      confidence: meanConfidence(words),
      speaker: speaker ?? undefined,
      language: language ?? undefined,
    });
  };
}

/**
 * The turn so far. Some models keep words that may still change out of `transcript`, others have all of them in it: the
 * pending words are added only where `transcript` is the final words and nothing else, so that none counts twice.
 */
function textOf({ transcript, words, end_of_turn: ended }: Turn): string {
  if (ended) return transcript;
  const finals = words.filter((word) => word.word_is_final);
  return plain(transcript) === plain(joined(finals)) ? joined(words) : transcript;
}

function joined(words: Turn['words']): string {
  return words.map(({ text }) => text).join(' ');
}

function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
