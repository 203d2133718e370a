import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EXIT, UndertoneError } from '../../models/errors.ts';
import type { FaceClip } from './face-clip.ts';

/**
 * Writes a drawn clip as an H.264 MP4 that browsers play from the first byte on.
 *
 * Encoding calls ffmpeg itself; decoding the world's videos is what pipeline/replay/decode.ts guards.
 *
 * @throws UndertoneError `ffmpeg_missing`, `ffmpeg_failed`; what drawing the frames throws
 */
export async function encodeMp4(clip: FaceClip, file: string): Promise<void> {
  const input = [
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-s',
    `${clip.width}x${clip.height}`,
    '-r',
    String(clip.fps),
    '-i',
    '-',
  ];
  const codec = ['-c:v', 'libx264', '-profile:v', 'main', '-preset', 'veryslow', '-crf', '27', '-pix_fmt', 'yuv420p'];
  const container = ['-threads', '1', '-g', String(clip.fps * 2), '-movflags', '+faststart', '-map_metadata', '-1'];
  const exact = ['-fflags', '+bitexact', '-flags:v', '+bitexact', file];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-y', ...input, ...codec, ...container, ...exact], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let complaint = '';
  ffmpeg.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-500);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    ffmpeg.once('error', (error) => reject(missing(error))).once('close', resolve);
  });
  // An ffmpeg that gives up closes its input; its exit status and complaint say more than that broken pipe.
  const [status, broken] = await Promise.all([
    ended,
    pipeline(Readable.from(pixels(clip)), ffmpeg.stdin).then(
      () => undefined,
      (error: unknown) => error,
    ),
  ]);
  if (status !== 0)
    throw new UndertoneError(
      'ffmpeg_failed',
      `ffmpeg could not write ${file}: ${complaint.trim().replaceAll('\n', '; ')}`,
      { cause: broken },
    );
  // Frames that end early are a whole clip to ffmpeg.
  if (broken !== undefined) throw broken;
}

async function* pixels(clip: FaceClip): AsyncGenerator<Uint8Array> {
  for await (const { data } of clip.frames()) yield data;
}

function missing(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') return error;
  return new UndertoneError('ffmpeg_missing', 'ffmpeg is not installed; install it, e.g. apt-get install ffmpeg', {
    cause: error,
    exitCode: EXIT.notInstalled,
  });
}
