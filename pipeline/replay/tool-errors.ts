import { EXIT, UndertoneError } from '../../models/errors.ts';
import type { Tool } from './config.ts';

/** `ffmpeg_missing`: the program is not there or does not start. */
export function toolMissing(tool: Tool, cause: unknown): UndertoneError {
  return new UndertoneError(
    'ffmpeg_missing',
    `${tool} does not start; install ffmpeg (Debian and Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg; ` +
      'Windows: winget install Gyan.FFmpeg) or set FFMPEG_PATH and FFPROBE_PATH',
    { cause, exitCode: EXIT.notInstalled },
  );
}

/** True where the system could not start a program. */
export function isSpawnFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, 'code');
  return code === 'ENOENT' || code === 'EACCES' || code === 'ENOEXEC' || /cannot find ffmpeg/i.test(error.message);
}

/** Last line of a program's errors that says something, without memory addresses. */
export function lastComplaint(lines: readonly string[]): string {
  const line = lines.findLast((candidate) => candidate.trim() !== '') ?? 'no reason given';
  return line
    .replace(/ @ 0x[0-9a-f]+/g, '')
    .trim()
    .slice(0, 200);
}
