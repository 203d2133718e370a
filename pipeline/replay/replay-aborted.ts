import { UndertoneError } from '../../models/errors.ts';

/** What a replay fails with: `replay_aborted` where it was stopped, whatever that broke; else the error itself. */
export function replayAborted(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted !== true) return error;
  return new UndertoneError('replay_aborted', 'the replay was stopped; nothing was written', { cause: error });
}
