import { EXIT } from '../models/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A SIGTERM this soon after the first is the same one: `timeout` and service managers send it to a whole group of processes. */
const SAME_SIGTERM_MS = 1000;

/**
 * Aborted by the first Ctrl-C or `docker stop`, or when the process that this one is a part of is gone, so that a run saves
 * and closes; the second ends the process, but for a SIGTERM that comes twice at once.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  let terminatedMs = Number.NEGATIVE_INFINITY;
  const interrupt = (name?: NodeJS.Signals): void => {
    const nowMs = performance.now();
    const same = name === 'SIGTERM' && nowMs - terminatedMs < SAME_SIGTERM_MS;
    if (controller.signal.aborted && !same) process.exit(EXIT.failure);
    if (name === 'SIGTERM' && !same) terminatedMs = nowMs;
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  process.once('disconnect', () => interrupt());
  process.channel?.unref();
  return controller.signal;
}
