import { EXIT, UndertoneError } from '../../models/errors.ts';
import { captionsEndMs } from './captions-end.ts';
import { embeddedCaptions } from './embedded-captions.ts';
import { probeVideo, videoOf } from './probe.ts';
import { readCaptions } from './read-captions.ts';
import type { CaptionSegment, ParsedCaptions } from '../captions/parse-captions.ts';
import type { DecodeLimits } from './limits.ts';
import type { VideoProbe, VideoTrack } from './probe.ts';
import type { ReplaySummary } from './summary.ts';
import type { Warnings } from './warnings.ts';

export interface RecordingOptions {
  /** A video file; a `.vtt` or `.srt` file is taken for captions alone. */
  readonly video?: string | undefined;
  /** WebVTT or SRT; without it, a text track inside the video is used. */
  readonly captions?: string | undefined;
  /** Of the track inside the video, so not beside `captions`: `de`, `ger` or `deu`. */
  readonly language?: string | undefined;
  readonly limits?: Partial<DecodeLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
}

const CAPTION_FILE = /\.(vtt|srt)$/i;

/** What is replayed: a video, captions, or both. */
export interface Recording {
  readonly video: { readonly file: string; readonly probe: VideoProbe; readonly track: VideoTrack } | null;
  readonly segments: readonly CaptionSegment[];
  readonly captions: string | null;
  readonly captionsSource: ReplaySummary['input']['captions_source'];
  /** Null where the container does not say. */
  readonly durationMs: number | null;
}

/** @throws UndertoneError `replay_nothing`, `replay_option`, and those of `probeVideo`, `readCaptions` and `embeddedCaptions`. */
export async function openRecording(options: RecordingOptions, warnings: Warnings): Promise<Recording> {
  const { video: file, captions, limits } = options;
  if (file === undefined && captions === undefined) {
    throw new UndertoneError('replay_nothing', 'nothing to replay; give a video, captions, or both', {
      exitCode: EXIT.usage,
    });
  }
  const alone = captions ?? (file !== undefined && CAPTION_FILE.test(file) ? file : undefined);
  if (options.language !== undefined && alone !== undefined) {
    const message = `a language chooses a track inside a video, and the captions are the file ${alone}; leave the language out`;
    throw new UndertoneError('replay_option', message, { exitCode: EXIT.usage });
  }
  if (file === undefined || (captions === undefined && CAPTION_FILE.test(file))) {
    const text = captions ?? file ?? '';
    const { segments } = reported(await readCaptions(text, limits?.maxCaptionBytes), warnings);
    const durationMs = captionsEndMs(segments);
    return { video: null, segments, captions: text, captionsSource: 'file', durationMs };
  }

  const probe = await probeVideo(file, options);
  const video = { file, probe, track: videoOf(file, probe) };
  const { durationMs, otherVideo } = probe;
  if (otherVideo.length > 0) {
    const message = `${file} has more picture tracks than one; track ${video.track.index} is replayed, and not ${otherVideo.join(', ')}: ffmpeg -i FILE -map 0:${otherVideo[0]} -c copy OTHER.mkv makes a file of that one`;
    warnings.add('video_tracks', message);
  }
  if (captions !== undefined) {
    const { segments } = reported(await readCaptions(captions, limits?.maxCaptionBytes), warnings);
    return { video, segments, captions, captionsSource: 'file', durationMs };
  }
  const embedded = await embeddedCaptions(file, probe, options);
  if (embedded === null) {
    const kinds = [...new Set(probe.subtitles.map(({ codec }) => codec))].join(', ');
    const message = `the captions inside ${file} are pictures or no text that is read (${kinds}); give them as WebVTT or SRT`;
    if (kinds !== '') warnings.add('captions_no_text', message, probe.subtitles.length);
    return { video, segments: [], captions: null, captionsSource: 'none', durationMs };
  }
  const { segments } = reported(embedded, warnings);
  return { video, segments, captions: `track ${embedded.track.index}`, captionsSource: 'embedded', durationMs };
}

function reported(parsed: ParsedCaptions, warnings: Warnings): ParsedCaptions {
  for (const { line, message } of parsed.warnings) warnings.add('captions_line', `captions line ${line}: ${message}`);
  return parsed;
}
