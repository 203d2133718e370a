import { UndertoneError } from '../../models/errors.ts';
import { parseCaptions } from '../captions/parse-captions.ts';
import { assWords } from './ass-words.ts';
import { captionTrack } from './caption-track.ts';
import { DecodeFailure, ffmpegOutput } from './decode.ts';
import { DEFAULT_DECODE_LIMITS } from './limits.ts';
import { sampleTimes } from './sample-times.ts';
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
  const { language } = options;
  const tracks = probe.subtitles.filter((track) => track.isText);
  const track = captionTrack(tracks, language);
  if (track === undefined) {
    if (language === undefined) return null;
    const known = tracks.map((candidate) => candidate.language ?? 'untagged').join(', ') || 'none';
    throw new UndertoneError('captions_language', `${file} has no '${language}' captions; its text tracks: ${known}`);
  }
  try {
    const wordsOf = /^(?:ass|ssa)$/.test(track.codec) ? assWords : undefined;
    const { segments, warnings } = parseCaptions(await asWebVtt(file, track, options), 'vtt', wordsOf);
    const timed = track.codec === 'mov_text' ? await withEnds(file, segments, track, probe, options) : segments;
    return { segments: inMediaTime(timed), warnings, track };
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    const message = `the captions inside ${file} cannot be read; give them as a WebVTT or SRT file`;
    throw new UndertoneError('captions_unreadable', message, { cause: error });
  }
}

async function asWebVtt(
  file: string,
  track: SubtitleTrack,
  { limits, signal }: EmbeddedCaptionsOptions,
): Promise<string> {
  // Converting to WebVTT loses voices, so what is WebVTT already is copied.
  const codec = track.codec === 'webvtt' ? 'copy' : 'webvtt';
  const outputOptions = ['-map', `0:${track.index}`, '-vn', '-an', '-dn', '-c:s', codec, '-f', 'webvtt'];
  outputOptions.push('-output_ts_offset', `${SHIFT_S}`);
  const maxBytes = limits?.maxCaptionBytes ?? DEFAULT_DECODE_LIMITS.maxCaptionBytes;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of ffmpegOutput({ file, outputOptions, limits, signal, sparse: true })) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new UndertoneError('captions_unreadable', `the captions inside ${file} are over ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Of fragmented MP4 ffmpeg does not tell how long a sample of text lasts. The samples of a track follow each other without a
 * gap, with empty ones between captions, so each ends where the next begins, and the last one with the media.
 */
async function withEnds(
  file: string,
  segments: readonly CaptionSegment[],
  track: SubtitleTrack,
  probe: VideoProbe,
  { limits, signal }: EmbeddedCaptionsOptions,
): Promise<readonly CaptionSegment[]> {
  if (segments.every(({ start_ms, end_ms }) => end_ms > start_ms)) return segments;
  const times = await sampleTimes(file, { track: track.index, shiftS: SHIFT_S, limits, signal });
  const mediaEndMs = 1000 * SHIFT_S + (probe.durationMs ?? 0);
  let next = 0;
  return segments.map((segment) => {
    const { start_ms, end_ms } = segment;
    if (end_ms > start_ms) return segment;
    while (next < times.length && (times[next] ?? 0) <= start_ms) next += 1;
    return { ...segment, end_ms: Math.max(start_ms, times[next] ?? mediaEndMs) };
  });
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
