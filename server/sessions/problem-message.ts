import { randomUUID } from 'node:crypto';
import type { Problem } from '../../pipeline/frames.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

export type ProblemMessage = Extract<ServerMessage, { type: 'warning' | 'error' }>;

/** A problem as it goes over the wire, with an id that finds it in the logs. */
export function problemMessage(problem: Problem): ProblemMessage {
  const { type, ...rest } = problem;
  const body = { ...rest, request_id: randomUUID() };
  return type === 'error' ? { type: 'error', ...body } : { type: 'warning', ...body };
}

/** A problem without an absent `ref`. */
export function makeProblem(
  type: Problem['type'],
  code: Problem['code'],
  message: string,
  options: { fatal?: boolean; ref?: string | number | undefined } = {},
): ProblemMessage {
  const { fatal = false, ref } = options;
  return problemMessage({ type, code, message, fatal, ...(ref === undefined ? {} : { ref }) });
}
