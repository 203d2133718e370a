import { CLOSE } from '../../pipeline/protocol/index.ts';
import { sameSecret } from '../edge/token.ts';
import type { CloseCodeValue, ErrorCode, SessionUpdate } from '../../pipeline/protocol/index.ts';
import type { ConnectionDeps } from './connection-deps.ts';
import type { LiveSession } from './live-session.ts';

/** Why a hello opens no session; the connection ends with `closeCode`. */
export interface HelloRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly closeCode: CloseCodeValue;
}

export interface HelloAnswer {
  /** A resume was asked for, and there is no such session: what is opened is a new one. */
  readonly nothingToResume: boolean;
  readonly opened: { readonly session: LiveSession; readonly resumed: boolean } | HelloRefusal;
}

export const DRAINING: HelloRefusal = {
  code: 'draining',
  message: 'the server is stopping; connect again',
  closeCode: CLOSE.draining,
};

/**
 * What the first `session.update` of a connection comes to: the session of its resume token, a new one, or why there is none.
 *
 * @param headerToken the server's token where it came with the connection rather than in `update`
 */
export function answerHello(
  { config, registry, overloaded }: ConnectionDeps,
  update: SessionUpdate,
  headerToken: string | undefined,
): HelloAnswer {
  let nothingToResume = false;
  const refused = (code: ErrorCode, message: string, closeCode: CloseCodeValue): HelloAnswer => ({
    nothingToResume,
    opened: { code, message, closeCode },
  });
  if (config.token !== undefined && !sameSecret(config.token, update.token ?? headerToken))
    return refused('unauthorised', 'session.update needs the token of this server', CLOSE.unauthorised);
  if (registry.draining) return { nothingToResume, opened: DRAINING };
  const waiting = update.resume === undefined ? undefined : registry.findByResume(update.resume);
  if (waiting) return { nothingToResume, opened: { session: waiting, resumed: true } };
  nothingToResume = update.resume !== undefined;
  if (overloaded())
    return refused('overloaded', 'no capacity for another session now; try again in 5 s', CLOSE.overloaded);
  const session = registry.open(update);
  if (session) return { nothingToResume, opened: { session, resumed: false } };
  const message = `at most ${config.maxSessions} sessions at once; try again later`;
  return refused('too_many_sessions', message, CLOSE.tooManySessions);
}
