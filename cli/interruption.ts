import { EXIT } from '../models/errors.ts';

/** Aborted by the first Ctrl-C, so that a run saves and closes; the second ends the process. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    controller.abort();
    process.once('SIGINT', () => process.exit(EXIT.failure));
  });
  return controller.signal;
}
