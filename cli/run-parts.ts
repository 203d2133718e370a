import { spawn } from 'node:child_process';
import { UndertoneError } from '../models/errors.ts';

/**
 * Runs this very command `count` times at once, each with `more` and `--part i/count`, and waits for all of them. Their errors go to
 * stderr; an interruption reaches them too, since they share the terminal, and through the signal otherwise. The channel to
 * each tells it when this process is gone.
 *
 * @throws UndertoneError `sweep_part` when one fails; the signal's reason
 */
export async function runParts(count: number, more: readonly string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [program = '', ...args] = process.argv.slice(1);
  const children = Array.from({ length: count }, (_, i) =>
    spawn(process.execPath, [...process.execArgv, program, ...args, ...more, '--part', `${i + 1}/${count}`], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    }),
  );
  const stop = (): void => {
    for (const child of children) child.kill('SIGINT');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const codes = await Promise.all(
      children.map(
        (child) =>
          new Promise<number | null>((resolve, reject) => {
            child.once('error', reject).once('exit', resolve);
          }),
      ),
    );
    signal.throwIfAborted();
    const failed = codes.findIndex((code) => code !== 0);
    if (failed >= 0)
      throw new UndertoneError(
        'sweep_part',
        `part ${failed + 1} of ${count} failed; what is done is kept, so the same command goes on`,
      );
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
