import { PassThrough } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import { UndertoneError } from '../../models/errors.ts';
import { toolPaths } from './config.ts';
import { DEFAULT_DECODE_LIMITS, SAFE_INPUT } from './limits.ts';
import { inputUrl } from './probe.ts';
import { isSpawnFailure, toolMissing } from './tool-errors.ts';
import type { ChildProcess } from 'node:child_process';
import type { DecodeLimits } from './limits.ts';

export interface DecodeJob {
  readonly file: string;
  /** Filters, mapping and output format; the output is a pipe. */
  readonly outputOptions: readonly string[];
  /** Bytes that may wait between ffmpeg and the reader, beside what the pipe itself holds. */
  readonly bufferBytes?: number;
  /** Nothing comes while ffmpeg reads on to the next caption, however far that is, so `stallMs` does not count. */
  readonly sparse?: boolean;
  readonly limits?: Partial<DecodeLimits> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Every line of ffmpeg's error log. */
  readonly onLog?: (line: string) => void;
  /** The process has started. */
  readonly onStart?: (pid: number) => void;
}

/** ffmpeg ended by itself, and not well. */
export class DecodeFailure extends Error {
  override readonly name = 'DecodeFailure';
}

ffmpeg.setFfmpegPath(toolPaths.ffmpeg);

/**
 * Runs ffmpeg over one local file and gives what it writes, at the reader's pace: ffmpeg waits while nobody reads.
 *
 * The process is gone when the iteration is over, however it ended. An orderly end is reported after ffmpeg has
 * reported success only, since on bad input its output ends before its failure is known.
 *
 * @throws DecodeFailure; UndertoneError `ffmpeg_missing`, `decode_timeout`; the signal's reason when aborted.
 */
export async function* ffmpegOutput(job: DecodeJob): AsyncGenerator<Uint8Array, void, undefined> {
  const limits = { ...DEFAULT_DECODE_LIMITS, ...job.limits };
  job.signal?.throwIfAborted();
  const run = startFfmpeg(job);
  const timeout = (what: string) => () => run.stop(new UndertoneError('decode_timeout', `ffmpeg ${what}`));
  const abort = (): void => run.stop(job.signal?.reason);
  job.signal?.addEventListener('abort', abort, { once: true });
  const total = setTimeout(timeout(`took over ${limits.totalMs} ms; replay the file in parts`), limits.totalMs);
  let stall: NodeJS.Timeout | undefined;
  const watch = (): void => {
    if (job.sparse === true) return;
    const late = timeout(`gave nothing for ${limits.stallMs} ms; check the file and its disk, or convert it to mp4`);
    stall = setTimeout(late, limits.stallMs);
  };
  try {
    watch();
    for await (const chunk of run.output) {
      clearTimeout(stall);
      // A stopped process may have left bytes behind, which nobody wants any more.
      if (run.stopped()) break;
      yield chunk as Uint8Array;
      watch();
    }
    const failure = await run.ended;
    if (failure !== undefined) throw failure;
  } finally {
    clearTimeout(total);
    clearTimeout(stall);
    job.signal?.removeEventListener('abort', abort);
    run.stop(new Error('closed'));
    await run.ended;
  }
}

interface FfmpegRun {
  readonly output: PassThrough;
  /** Resolves when the process is gone: with the reason why it failed or was stopped, if so. */
  readonly ended: Promise<unknown>;
  stopped(): boolean;
  /** Kills the process, at its start if it has not started yet. Later calls change nothing. */
  stop(reason: unknown): void;
}

function startFfmpeg(job: DecodeJob): FfmpegRun {
  // 20 ms after the output's 'close' the library calls the run a failure and kills a process that is about to end well,
  // so there is none. `stop` is what ends a process that nobody reads.
  const size = job.bufferBytes === undefined ? {} : { highWaterMark: job.bufferBytes };
  const output = new PassThrough({ ...size, emitClose: false });
  let child: ChildProcess | undefined;
  let stopReason: { readonly reason: unknown } | undefined;
  let finished = false;

  const command = ffmpeg({ source: inputUrl(job.file) })
    .inputOptions('-nostdin', '-v', 'error', '-nostats', ...SAFE_INPUT)
    .outputOptions(...job.outputOptions);
  command.on('stderr', (line: string) => job.onLog?.(line));
  command.on('start', () => {
    // The process is not part of the library's typed surface, and its own kill() is lost before this event.
    child = Reflect.get(command, 'ffmpegProc') as ChildProcess;
    if (child.pid !== undefined) job.onStart?.(child.pid);
    if (stopReason !== undefined) child.kill('SIGKILL');
  });
  const ended = new Promise<unknown>((resolve) => {
    const settle = async (error: Error | undefined): Promise<void> => {
      await exited(child);
      finished = true;
      // A process that never ran closes nothing.
      if (child?.pid === undefined) output.end();
      if (stopReason !== undefined) resolve(stopReason.reason);
      else if (error !== undefined && isSpawnFailure(error)) resolve(toolMissing('ffmpeg', error));
      else resolve(error === undefined ? undefined : new DecodeFailure(error.message, { cause: error }));
    };
    command.once('end', () => void settle(undefined));
    command.on('error', (error: Error) => void settle(error));
  });
  command.pipe(output, { end: true });

  return {
    output,
    ended,
    stopped: () => stopReason !== undefined,
    stop: (reason) => {
      if (finished || stopReason !== undefined) return;
      stopReason = { reason };
      child?.kill('SIGKILL');
      output.resume();
    },
  };
}

function exited(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve();
  }
  return new Promise((resolve) => void child.once('exit', () => resolve()));
}
