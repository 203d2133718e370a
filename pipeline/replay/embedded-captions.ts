import { UndertoneError } from '../../models/errors.ts';
import { parseCaptions } from '../captions/parse-captions.ts';
import { withoutDrawings } from './ass-drawings.ts';
import { captionTrack } from './caption-track.ts';
import { DecodeFailure, ffmpegOutput } from './decode.ts';
import { DEFAULT_DECODE_LIMITS } from './limits.ts';
import type { CaptionSegment, ParsedCaptions } from '../captions/parse-captions.ts';
import type { DecodeLimits } from './limits.ts';
import type { SubtitleTrack, VideoProbe } from './probe.ts';

export interface EmbeddedCaptionsOptions {
  /** Of the track: `de`, `ger` or `deu`. */
  readonly language?: string | undefined;
  readonly limits?: Partial<DecodeLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EmbeddedCaptions extends ParsedCaptions {
  readonly track: SubtitleTrack;
}

/**
 * Times are read this much later: ffmpeg moves a whole track where it would begin before 0, as it does in a file that was
 * cut.
 */
const SHIFT_S = 86_400;

/**
 * Reads the captions inside a media file, of the track that `captionTrack` chooses; null where there is none. Captions that
 * end before the media starts are left out.
 *
 * @throws UndertoneError `captions_language` where no track is of that language, `captions_unreadable`,
 * `ffmpeg_missing`, `decode_timeout`.
 */
export async function embeddedCaptions(
  file: string,
  probe: VideoProbe,
  options: EmbeddedCaptionsOptions = {},
): Promise<EmbeddedCaptions | null> {
  const { language, limits, signal } = options;
  const tracks = probe.subtitles.filter((track) => track.isText);
  const track = captionTrack(tracks, language);
  if (track === undefined) {
    if (language === undefined) return null;
    const known = tracks.map((candidate) => candidate.language ?? 'untagged').join(', ') || 'none';
    throw new UndertoneError('captions_language', `${file} has no '${language}' captions; its text tracks: ${known}`);
  }
  // Converting to WebVTT loses voices, so what is WebVTT already is copied.
  const codec = track.codec === 'webvtt' ? 'copy' : 'webvtt';
  const maxBytes = limits?.maxCaptionBytes ?? DEFAULT_DECODE_LIMITS.maxCaptionBytes;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    const outputOptions = ['-map', `0:${track.index}`, '-vn', '-an', '-dn', '-c:s', codec, '-f', 'webvtt'];
    outputOptions.push('-output_ts_offset', `${SHIFT_S}`);
    for await (const chunk of ffmpegOutput({ file, outputOptions, limits, signal })) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new UndertoneError('captions_unreadable', `the captions inside ${file} are over ${maxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const message = `the captions inside ${file} cannot be read; give them as a WebVTT or SRT file`;
    throw new UndertoneError('captions_unreadable', message, { cause: error });
  }
  const { segments, warnings } = parseCaptions(Buffer.concat(chunks).toString('utf8'), 'vtt');
  const shifted = inMediaTime(segments);
  return { segments: /^(?:ass|ssa)$/.test(track.codec) ? withoutDrawings(shifted) : shifted, warnings, track };
}

function inMediaTime(segments: readonly CaptionSegment[]): CaptionSegment[] {
  return segments
    .map(({ start_ms, end_ms, ...rest }) => ({
      ...rest,
      start_ms: Math.max(0, start_ms - 1000 * SHIFT_S),
      end_ms: end_ms - 1000 * SHIFT_S,
    }))
    .filter(({ end_ms }) => end_ms > 0);
}
