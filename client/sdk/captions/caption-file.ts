import { parseCaptions } from '../../../pipeline/captions/parse-captions.ts';
import { ClientError } from '../client-error.ts';
import { CaptionSegments } from './caption-segments.ts';
import type { CaptionFormat, CaptionWarning, ParsedCaptions } from '../../../pipeline/captions/parse-captions.ts';
import type { CaptionInput } from '../events.ts';
import type { CaptionSourceOptions } from './caption-source.ts';

export interface CaptionFileOptions extends CaptionSourceOptions {
  /** Told from the text where absent. */
  readonly format?: CaptionFormat | undefined;
  readonly language?: string | undefined;
}

export interface CaptionFile {
  /** Final captions by their start. A live session takes each of them when its time has come. */
  readonly captions: readonly CaptionInput[];
  /** What was left out or repaired, with its line. */
  readonly warnings: readonly CaptionWarning[];
}

/**
 * Reads WebVTT or SRT, with the reader that replays use.
 *
 * @throws {ClientError} `bad_caption`, naming the line, where nothing in the text is a cue
 */
export function captionFile(text: string, { format, language, ...options }: CaptionFileOptions = {}): CaptionFile {
  const { segments: cues, warnings } = parsed(text, format);
  const segments = new CaptionSegments(options);
  const captions = cues.flatMap(({ segment_id: key, start_ms: startMs, end_ms: endMs, text: words, speaker }) =>
    segments.say(key, { text: words, isFinal: true, startMs, endMs, speaker, language }),
  );
  return { captions, warnings };
}

function parsed(text: string, format: CaptionFormat | undefined): ParsedCaptions {
  try {
    return parseCaptions(text, format);
  } catch (error) {
    throw new ClientError('bad_caption', error instanceof Error ? error.message : String(error));
  }
}
