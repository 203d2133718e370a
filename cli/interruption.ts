import { EXIT } from '../models/errors.ts';
import { isSameSignal, type Signalled } from '../models/same-signal.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Aborted by the first Ctrl-C or `docker stop`, or when the process that this one is a part of is gone, so that a run saves
 * and closes; the second ends the process, unless it is the same one over again.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let first: Signalled | undefined;
  const interrupt = (name?: NodeJS.Signals): void => {
    const isSame = name !== undefined && isSameSignal(name, first);
    if (controller.signal.aborted && !isSame) process.exit(EXIT.failure);
    if (name !== undefined) first ??= { name, atMs: performance.now() };
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  process.once('disconnect', () => interrupt());
  process.channel?.unref();
  return controller.signal;
}
