import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { UndertoneError } from '../../models/errors.ts';
import { DEFAULT_DECODE_LIMITS, SAFE_INPUT } from './limits.ts';
import { noFile } from './no-file.ts';
import { runTool } from './run-tool.ts';
import { lastComplaint } from './tool-errors.ts';
import type { DecodeLimits } from './limits.ts';

/** How a picture of a high dynamic range is coded, in ffmpeg's names; what the stream does not say is absent. */
export interface Hdr {
  readonly transfer: 'smpte2084' | 'arib-std-b67';
  readonly primaries?: string;
  readonly matrix?: string;
}

/** The picture track that is replayed, none of cover art: the default one, else the first. */
export interface VideoTrack {
  readonly index: number;
  readonly codec: string;
  /** Coded size in pixels, before rotation. */
  readonly width: number;
  readonly height: number;
  /** Media time of the first picture. */
  readonly startMs: number;
  /** Media time after the last picture; null where the container does not say. */
  readonly endMs: number | null;
  /** Clockwise turn to show it upright, in degrees. */
  readonly rotation: number;
  /** Width of a pixel by its height, before rotation. */
  readonly pixelAspect: number;
  /** Null for what is shown as it is. */
  readonly hdr: Hdr | null;
  /** Index of the sound track that begins first, where that is before the pictures. */
  readonly earlierSound: number | null;
}

export interface SubtitleTrack {
  readonly index: number;
  readonly codec: string;
  readonly language: string | null;
  /** Letters rather than pictures. */
  readonly isText: boolean;
  /** Shown whether captions are asked for or not: signs, foreign words. */
  readonly isForced: boolean;
  readonly isDefault: boolean;
}

/** Media time counts from the earliest timestamp in the file, as in players. */
export interface VideoProbe {
  readonly durationMs: number | null;
  /** The durations are what lies between the first and the last timestamp, and wrong where these jump. */
  readonly durationIsSpan: boolean;
  readonly video: VideoTrack | null;
  /** Indexes of the other picture tracks, such as a shared screen beside a camera. */
  readonly otherVideo: readonly number[];
  readonly subtitles: readonly SubtitleTrack[];
  readonly hasAudio: boolean;
}

const TEXT_SUBTITLES = new Set(['subrip', 'srt', 'webvtt', 'mov_text', 'text', 'ass', 'ssa']);

const Stream = z.object({
  index: z.int(),
  codec_type: z.string().default(''),
  codec_name: z.string().default('unknown'),
  width: z.int().default(0),
  height: z.int().default(0),
  sample_rate: z.string().default('0'),
  sample_aspect_ratio: z.string().default('1:1'),
  color_transfer: z.string().optional(),
  color_primaries: z.string().optional(),
  color_space: z.string().optional(),
  start_time: z.string().optional(),
  duration: z.string().optional(),
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
});
type Stream = z.infer<typeof Stream>;

const ProbeOutput = z.object({
  streams: z.array(Stream),
  format: z.object({ format_name: z.string(), start_time: z.string().optional(), duration: z.string().optional() }),
});
type ProbeOutput = z.infer<typeof ProbeOutput>;

/**
 * Reads what a media file holds, without decoding it.
 *
 * @throws UndertoneError `video_not_found`, `video_unreadable` (no media file, or a playlist), `video_truncated` (its
 * index is cut off, so that nothing can be decoded), `ffmpeg_missing`, `decode_timeout`.
 */
export async function probeVideo(
  file: string,
  options: { readonly limits?: Partial<DecodeLimits> | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<VideoProbe> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new UndertoneError('video_not_found', noFile(file, found, 'video'));
  }
  if (found.size === 0) {
    throw new UndertoneError('video_unreadable', `${file} is empty; copy or record the file again`);
  }
  const { probeMs } = { ...DEFAULT_DECODE_LIMITS, ...options.limits };
  const args = ['-v', 'error', ...SAFE_INPUT, '-of', 'json', '-show_format', '-show_streams', inputUrl(file)];
  const answer = await runTool('ffprobe', args, { timeLimitMs: probeMs, signal: options.signal });
  const parsed = answer.ok ? ProbeOutput.safeParse(jsonIn(answer.stdout)) : undefined;
  if (parsed?.success !== true) {
    if (/moov atom not found/.test(answer.stderr) && (await beginsAsMp4(file))) {
      throw new UndertoneError('video_truncated', `the index of ${file} is cut off; copy or record the file again`);
    }
    if (/not on whitelist/i.test(answer.stderr)) {
      throw new UndertoneError(
        'video_unreadable',
        `${file} is a playlist or of a kind that is not accepted; give a video file (mp4, mov, mkv, webm, avi, ts, mpg), or captions (vtt, srt) alone`,
      );
    }
    const complaint = lastComplaint(answer.stderr.replaceAll(inputUrl(file), file).split(/\r?\n/));
    throw new UndertoneError('video_unreadable', `ffmpeg cannot read ${file} as a video: ${complaint}`);
  }
  return describe(parsed.data);
}

/** What the text is as JSON; undefined where it is none, as of a wrapper around ffprobe that hides its failure. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws UndertoneError `video_no_stream` */
export function videoOf(file: string, { video }: VideoProbe): VideoTrack {
  if (video !== null) return video;
  throw new UndertoneError('video_no_stream', `${file} has no video stream; give a video, or captions alone`);
}

/** Address of a local file that ffmpeg takes literally, whatever its name begins with or holds. */
export function inputUrl(file: string): string {
  return `file:${resolve(file)}`;
}

function describe({ streams, format }: ProbeOutput): VideoProbe {
  const originMs = millis(format.start_time) ?? 0;
  const pictures = streams.filter((stream) => stream.codec_type === 'video' && !isCoverArt(stream));
  const picture = pictures.find((stream) => stream.disposition['default'] === 1) ?? pictures[0];
  return {
    durationMs: durationMs(format, streams, originMs),
    durationIsSpan: /^mpeg(?:ts)?$/.test(format.format_name),
    video: picture === undefined ? null : videoTrack(picture, streams, originMs),
    otherVideo: pictures.filter((other) => other !== picture).map(({ index }) => index),
    subtitles: streams
      .filter((stream) => stream.codec_type === 'subtitle')
      .map((stream) => ({
        index: stream.index,
        codec: stream.codec_name,
        language: stream.tags['language'] ?? null,
        isText: TEXT_SUBTITLES.has(stream.codec_name),
        isForced: stream.disposition['forced'] === 1,
        isDefault: stream.disposition['default'] === 1,
      })),
    hasAudio: streams.some((stream) => stream.codec_type === 'audio'),
  };
}

/**
 * Matroska and MP4 say when the media ends, which is from 0 on and not from their first timestamp; fragmented MP4 says how
 * long it is. Which of them it was is told by the end of the longest track. Of FLV that does not say how long it is, ffmpeg
 * gives the last timestamp.
 */
function durationMs(format: ProbeOutput['format'], streams: readonly Stream[], originMs: number): number | null {
  const saidMs = millis(format.duration);
  if (saidMs === null || originMs <= 0 || saidMs <= originMs) return saidMs;
  if (!/^(?:matroska,|mov,|flv$)/.test(format.format_name)) return saidMs;
  const ends = streams
    .filter((stream) => /^(?:video|audio)$/.test(stream.codec_type) && !isCoverArt(stream))
    .flatMap((stream) => span(stream, originMs).endMs ?? []);
  const lengthMs = saidMs - originMs;
  if (ends.length === 0) return lengthMs;
  const endMs = Math.max(...ends);
  return Math.abs(endMs - saidMs) < Math.abs(endMs - lengthMs) ? saidMs : lengthMs;
}

/** Media time of a track's start and end. */
function span(stream: Stream, originMs: number): Pick<VideoTrack, 'startMs' | 'endMs'> {
  const startMs = Math.max(0, (millis(stream.start_time) ?? originMs) - originMs);
  const lengthMs = millis(stream.duration) ?? clockMillis(stream.tags['DURATION'], startMs + originMs);
  return { startMs, endMs: lengthMs === null ? null : startMs + lengthMs };
}

function videoTrack(stream: Stream, streams: readonly Stream[], originMs: number): VideoTrack {
  const [wide = 0, high = 0] = stream.sample_aspect_ratio.split(':').map(Number);
  const rotation = stream.side_data_list.find((side) => side.rotation !== undefined)?.rotation ?? 0;
  return {
    index: stream.index,
    codec: stream.codec_name,
    width: stream.width,
    height: stream.height,
    ...span(stream, originMs),
    rotation: (((-rotation % 360) + 360) % 360) + 0,
    pixelAspect: wide > 0 && high > 0 ? wide / high : 1,
    hdr: hdrOf(stream),
    earlierSound: soundBefore(stream, streams),
  };
}

function hdrOf({ color_transfer: transfer, color_primaries: primaries, color_space: matrix }: Stream): Hdr | null {
  if (transfer !== 'smpte2084' && transfer !== 'arib-std-b67') return null;
  return { transfer, ...(isSaid(primaries) && { primaries }), ...(isSaid(matrix) && { matrix }) };
}

function isSaid(name: string | undefined): name is string {
  return name !== undefined && name !== 'unknown' && name !== 'reserved';
}

/** Only of tracks that are more than announced: ffmpeg refuses to copy one whose sample rate it does not know. */
function soundBefore(picture: Stream, streams: readonly Stream[]): number | null {
  const start = (stream: Stream): number => millis(stream.start_time) ?? Infinity;
  const [first] = streams
    .filter((stream) => stream.codec_type === 'audio' && Number(stream.sample_rate) > 0)
    .filter((stream) => start(stream) < start(picture))
    .sort((a, b) => start(a) - start(b));
  return first?.index ?? null;
}

function isCoverArt(stream: Stream): boolean {
  return stream.disposition['attached_pic'] === 1 || stream.disposition['timed_thumbnails'] === 1;
}

function millis(seconds: string | undefined): number | null {
  const value = Number(seconds ?? Number.NaN);
  return Number.isFinite(value) ? Math.round(value * 1000) : null;
}

/** Matroska's per-track `DURATION` tag, `HH:MM:SS.nnnnnnnnn`, is the time of the track's end. */
function clockMillis(tag: string | undefined, startMs: number): number | null {
  const match = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(tag ?? '');
  if (match === null) return null;
  const endMs = Math.round(((Number(match[1]) * 60 + Number(match[2])) * 60 + Number(match[3])) * 1000);
  return Math.max(0, endMs - startMs);
}

async function beginsAsMp4(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return bytesRead === 8 && buffer.toString('latin1', 4) === 'ftyp';
  } finally {
    await handle.close();
  }
}
