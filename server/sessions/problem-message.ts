import { randomUUID } from 'node:crypto';
import { problem } from '../../pipeline/problems.ts';
import type { Problem } from '../../pipeline/frames.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';
import type { Logger } from '../log.ts';

export type ProblemMessage = Extract<ServerMessage, { type: 'warning' | 'error' }>;

/** A problem as it goes over the wire, with an id that finds it in the logs. */
export function problemMessage({ type, ...rest }: Problem): ProblemMessage {
  const body = { ...rest, request_id: randomUUID() };
  return type === 'error' ? { type: 'error', ...body } : { type: 'warning', ...body };
}

/** A problem that is not the pipeline's, with such an id. */
export function makeProblem(
  type: Problem['type'],
  code: Problem['code'],
  message: string,
  options: { fatal?: boolean; ref?: string | number | undefined } = {},
): ProblemMessage {
  const { fatal = false, ref } = options;
  return problemMessage({ ...problem(type, code, message, ref), fatal });
}

/** Lets the log tell of a problem by its id: the server's own failures with what failed, the others at `debug`. */
export function logProblem(log: Logger, { code, request_id, message }: ProblemMessage, session?: string): void {
  if (code === 'internal') log.error({ session, code, request_id, detail: message }, 'session met a failure');
  else log.debug({ session, code, request_id }, 'problem sent');
}
