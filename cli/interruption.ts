import { EXIT } from '../models/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Aborted by the first Ctrl-C or `docker stop`, or when the process that this one is a part of is gone, so that a run saves
 * and closes; the second ends the process.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.failure);
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  process.once('disconnect', interrupt);
  process.channel?.unref();
  return controller.signal;
}
