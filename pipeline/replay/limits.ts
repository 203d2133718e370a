/** What a video file may cost. Every process is killed when it reaches its limit. */
export interface DecodeLimits {
  /** Wall time of one ffmpeg process, waiting for its reader included. */
  readonly totalMs: number;
  /** Wall time that ffmpeg may take for the next bytes of pictures while the reader waits for them. */
  readonly stallMs: number;
  /** Wall time to read a file's headers. */
  readonly probeMs: number;
  /** Pixels of one picture before it is scaled. */
  readonly maxPixels: number;
  /** Bytes of a caption file, and of one embedded subtitle track as text. */
  readonly maxCaptionBytes: number;
}

export const DEFAULT_DECODE_LIMITS: DecodeLimits = {
  totalMs: 6 * 3_600_000,
  stallMs: 30_000,
  probeMs: 30_000,
  maxPixels: 7680 * 4320,
  maxCaptionBytes: 16 * 1024 * 1024,
};

/**
 * Containers that ffmpeg may open. Playlists and scripts (hls, dash, concat, image sequences) are not among them: they
 * read other files whatever the protocol whitelist says, and any file can be renamed to `.mp4`.
 */
const FORMATS = ['mov', 'mp4', 'matroska', 'webm', 'avi', 'mpegts', 'mpeg', 'flv', 'ogg', 'asf', 'gif'];

/** Input options of every ffmpeg and ffprobe process. */
export const SAFE_INPUT = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', FORMATS.join(',')] as const;
