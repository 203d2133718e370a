import { execFile } from 'node:child_process';
import { UndertoneError } from '../../models/errors.ts';
import { toolPaths } from './config.ts';
import { isSpawnFailure, toolMissing } from './tool-errors.ts';
import type { Tool } from './config.ts';

export interface ToolResult {
  /** Exit status 0. */
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Runs ffmpeg or ffprobe to its end for a short text answer. fluent-ffmpeg's own calls of this kind have neither a time
 * limit nor a way to stop, so these go past it.
 *
 * @throws UndertoneError `ffmpeg_missing`, `decode_timeout`; the signal's reason when aborted.
 */
export function runTool(
  tool: Tool,
  args: readonly string[],
  options: { readonly timeLimitMs: number; readonly signal?: AbortSignal | undefined },
): Promise<ToolResult> {
  const { signal, timeLimitMs } = options;
  return new Promise((resolve, reject) => {
    execFile(
      toolPaths[tool],
      [...args],
      {
        timeout: timeLimitMs,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
        encoding: 'utf8',
        ...(signal === undefined ? {} : { signal }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout, stderr });
        else if (signal?.aborted === true) reject(signal.reason);
        else if (isSpawnFailure(error)) reject(toolMissing(tool, error));
        else if (error.killed === true && error.signal === 'SIGKILL') {
          const message = `${tool} gave no answer in ${timeLimitMs} ms; check the file and its disk, then start again`;
          reject(new UndertoneError('decode_timeout', message));
        } else resolve({ ok: false, stdout, stderr });
      },
    );
  });
}
