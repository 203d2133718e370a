import { UndertoneError } from '../../models/errors.ts';
import { DecodeFailure, ffmpegOutput } from './decode.ts';
import { DEFAULT_DECODE_LIMITS } from './limits.ts';
import { probeVideo, videoOf } from './probe.ts';
import { toneMapping } from './tone-map.ts';
import { lastComplaint } from './tool-errors.ts';
import type { DecodeLimits } from './limits.ts';
import type { VideoProbe, VideoTrack } from './probe.ts';

/** What was on the screen at `ptsMs`. */
export interface DecodedFrame {
  /** Whole milliseconds of media time. */
  readonly ptsMs: number;
  readonly width: number;
  readonly height: number;
  /** Packed RGB rows from the top, `width * height * 3` bytes; the receiver's to keep. */
  readonly data: Uint8Array;
}

export interface DecodeFramesOptions {
  /** Frames per second of media time; a picture that stands still is repeated. */
  readonly fps: number;
  /** Side of the square output in pixels, with `fit` and `filter` as in the bundle's image preprocessing. */
  readonly size: number;
  readonly fit?: 'cover' | 'contain';
  readonly filter?: 'area' | 'bicubic' | 'bilinear';
  /**
   * Gives whole pictures, upright, with square pixels: for a model whose own preprocessing is to be kept to the level, or
   * shrunk with `filter` to that shorter side in pixels, where they are larger. Where the shape changes in the recording,
   * pictures of another shape than the track's have black bars.
   */
  readonly whole?: boolean | { readonly shorterSide: number };
  /** Answer of `probeVideo` for the same file, where it is known already. */
  readonly probe?: VideoProbe;
  readonly limits?: Partial<DecodeLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What ffmpeg complained of, each complaint once and a few at most; called after the last frame. */
  readonly onWarning?: (message: string) => void;
  /**
   * The file was read to its end, and the pictures' end differs from what the container says: its times jump, as where
   * transport streams were joined. Frames' times go on from before a jump. Called after the last frame.
   */
  readonly onJump?: () => void;
  /** The video is HDR, and this ffmpeg lacks something to bring it into the usual range; called before the first frame. */
  readonly onFlatHdr?: (lacks: string) => void;
  /** The process id of ffmpeg. */
  readonly onStart?: (pid: number) => void;
}

const MAX_LOG_LINES = 100;
const MAX_WARNINGS = 5;
/** What readers of containers say of a file that is cut off; decoders call parts of whole pictures truncated, too. */
const CUT_OFF = /: partial file$|\] File ended prematurely|Truncating packet of size/;
/** Of the sound that `keptSound` maps to nothing, such as two packets of one time where recordings were joined. */
const OF_KEPT_SOUND = /^\[null @/;

/**
 * Decodes a video file into square frames at `k * 1000 / fps`, rotated upright, with square pixels, cropped
 * (`cover`) or padded (`contain`) and scaled. Frames begin with the first picture: a track that starts late has no
 * earlier ones. ffmpeg waits while the consumer does; a few frames are under way at most.
 *
 * @throws UndertoneError those of `probeVideo`; `video_no_stream`, `video_too_large`, `decode_timeout`,
 * `ffmpeg_missing`; after the last frame that could be had, `video_truncated` where the file ends early, or is cut
 * off so that all pictures came and sound alone is lost, and `decode_failed` where ffmpeg broke down. The signal's reason
 * when aborted.
 */
export async function* decodeFrames(
  file: string,
  options: DecodeFramesOptions,
): AsyncGenerator<DecodedFrame, void, undefined> {
  const { fps, size, signal, limits } = options;
  const probe = options.probe ?? (await probeVideo(file, { limits, signal }));
  const track = checkTrack(file, probe, { ...DEFAULT_DECODE_LIMITS, ...limits });
  const { whole = false } = options;
  const [width, height] = whole === false ? [size, size] : wholeSize(track, whole);
  const frameBytes = width * height * 3;
  const intervalMs = 1000 / fps;
  const { filters: toSdr, lacks } = await toneMapping(track.hdr, signal);
  if (lacks !== null) options.onFlatHdr?.(lacks);
  const log: string[] = [];
  let cutOff = false;
  const output = ffmpegOutput({
    file,
    outputOptions: `${keptSound(track)}-map 0:${track.index} -an -sn -dn -pix_fmt rgb24 -f rawvideo -filter:v`
      .split(' ')
      .concat(whole === false ? filterChain(options, toSdr) : wholeChain(options, toSdr, width, height)),
    bufferBytes: frameBytes,
    limits,
    signal,
    onLog: (line) => {
      if (OF_KEPT_SOUND.test(line)) return;
      cutOff ||= CUT_OFF.test(line);
      if (log.length < MAX_LOG_LINES && line.trim() !== '') log.push(line);
    },
    ...(options.onStart === undefined ? {} : { onStart: options.onStart }),
  });

  // Before the first picture ffmpeg gives copies of it.
  const firstIndex = Math.ceil(track.startMs / intervalMs - 1e-6);
  let index = 0;
  let failure: DecodeFailure | undefined;
  try {
    for await (const data of inFrames(output, frameBytes)) {
      const ptsMs = Math.round(index * intervalMs);
      index += 1;
      if (index > firstIndex) yield { ptsMs, width, height, data };
    }
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error;
    failure = error;
  }
  const complaints = [...new Set(log.map((line) => lastComplaint([line])))];
  for (const complaint of complaints.slice(0, MAX_WARNINGS)) options.onWarning?.(complaint);

  const decodedMs = index * intervalMs;
  if (failure !== undefined && !cutOff) {
    const why = complaints.at(-1) ?? lastComplaint([failure.message]);
    if (index === 0) throw cannotDecode(file, why);
    throw new UndertoneError('decode_failed', `ffmpeg broke down ${Math.round(decodedMs)} ms into ${file}: ${why}`);
  }
  if (index === 0 && !cutOff) throw cannotDecode(file, complaints.at(-1) ?? 'it has no pictures');
  const expectedMs = expectedEndMs(probe);
  // Containers round their durations; half a second is more than any rounding and less than any cut worth reporting.
  const tolerableMs = Math.max(500, 2 * intervalMs);
  const lacksMs = expectedMs === null ? 0 : expectedMs - decodedMs;
  if (probe.durationIsSpan && !cutOff && Math.abs(lacksMs) > tolerableMs) options.onJump?.();
  else if (cutOff || lacksMs > tolerableMs) {
    const of = expectedMs === null ? '' : ` of ${expectedMs} ms`;
    const early = `ends early: ${Math.round(decodedMs)} ms${of} could be decoded`;
    const what = expectedMs === null || lacksMs > 0 ? early : 'is cut off at its end';
    throw new UndertoneError('video_truncated', `${file} ${what}; copy or record the file again`);
  }
}

/**
 * In transport and program streams ffmpeg counts from the first of the tracks that are mapped, so sound that begins before
 * the pictures is mapped, too: to an output of nothing.
 */
function keptSound({ earlierSound }: VideoTrack): string {
  return earlierSound === null ? '' : `-map 0:${earlierSound} -c copy -f null - `;
}

function cannotDecode(file: string, why: string): UndertoneError {
  return new UndertoneError('video_unreadable', `ffmpeg cannot decode ${file}: ${why}`);
}

function checkTrack(file: string, probe: VideoProbe, limits: DecodeLimits): VideoTrack {
  const video = videoOf(file, probe);
  if (video.width * video.height > limits.maxPixels) {
    const limit = `${limits.maxPixels} pixels a picture`;
    throw new UndertoneError(
      'video_too_large',
      `${file} is ${video.width}x${video.height}, over ${limit}; scale it down`,
    );
  }
  return video;
}

/**
 * `fps` comes first because scaling every source picture costs twice the decoding. It shows at each tick the latest
 * picture whose time has come (`round=up`); ticks before 0 come from seeking to an earlier key picture. ffmpeg's own
 * constant output rate fills the ticks before the first picture, so that a frame's time follows from its number, also
 * where the filters start anew because the picture size changed.
 */
function filterChain({ fps, size, fit = 'cover', filter = 'area' }: DecodeFramesOptions, toSdr: string): string {
  const ticks = `fps=${fps}:round=up,trim=start=0`;
  if (fit === 'cover') {
    const crop = `crop=w='max(1,min(iw,ih/sar))':h='max(1,min(ih,iw*sar))':exact=1`;
    return `${ticks},${crop},scale=${size}:${size}:flags=${filter}${toSdr}`;
  }
  return `${ticks},${fitInto(size, size)}:flags=${filter}${toSdr},${padded(size, size)}`;
}

/** Longest side of a whole picture; a larger one is shrunk by a whole factor. */
const MOST_PIXELS_A_SIDE = 1920;

/** Size of the picture as it is shown: upright, with square pixels, none of them lost unless it is to be shrunk. */
function wholeSize(
  { width, height, pixelAspect, rotation }: VideoTrack,
  whole: true | { readonly shorterSide: number },
): readonly [width: number, height: number] {
  const wide = pixelAspect > 1 ? Math.round(width * pixelAspect) : width;
  const high = pixelAspect < 1 ? Math.round(height / pixelAspect) : height;
  const within = Math.ceil(Math.max(wide, high) / MOST_PIXELS_A_SIDE);
  const factor = whole === true ? within : Math.max(within, Math.min(wide, high) / whole.shorterSide);
  const [w, h] = [Math.max(1, Math.round(wide / factor)), Math.max(1, Math.round(high / factor))];
  return rotation % 180 === 90 ? [h, w] : [w, h];
}

function wholeChain(options: DecodeFramesOptions, toSdr: string, width: number, height: number): string {
  const { fps, whole, filter = 'area' } = options;
  const flags = whole === true ? 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp' : filter;
  return `fps=${fps}:round=up,trim=start=0,${fitInto(width, height)}:flags=${flags}${toSdr},${padded(width, height)}`;
}

/** The largest picture of its own shape, with square pixels, in a frame: shapes change where a phone is turned in a call. */
function fitInto(width: number, height: number): string {
  const wide = `gte(dar,${width}/${height})`;
  const w = `'if(${wide},${width},max(1,round(${height}*dar)))'`;
  const h = `'if(${wide},max(1,round(${width}/dar)),${height})'`;
  return `scale=w=${w}:h=${h}`;
}

/** RGB before padding: in a subsampled format the offsets would be even and black would not be zero. */
function padded(width: number, height: number): string {
  return `format=rgb24,pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2:black`;
}

/** Null where a longer audio track could be what the duration is about. */
function expectedEndMs(probe: VideoProbe): number | null {
  return probe.video?.endMs ?? (probe.hasAudio ? null : probe.durationMs);
}

async function* inFrames(chunks: AsyncIterable<Uint8Array>, frameBytes: number): AsyncGenerator<Uint8Array> {
  let frame = new Uint8Array(frameBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + frameBytes - filled);
      frame.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < frameBytes) continue;
      yield frame;
      frame = new Uint8Array(frameBytes);
      filled = 0;
    }
  }
}
