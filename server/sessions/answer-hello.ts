import { CLOSE } from '../../pipeline/protocol/index.ts';
import { sameSecret } from '../edge/token.ts';
import type { CloseCodeValue, ErrorCode, SessionUpdate } from '../../pipeline/protocol/index.ts';
import type { ConnectionDeps } from './connection-deps.ts';
import type { LiveSession } from './live-session.ts';

/** What a connection says of its client before any message. */
export interface Caller {
  /** The server's token where it came with the connection rather than in `session.update`. */
  readonly token: string | undefined;
  /** What counts as one client: an IPv4 address, a /64 of IPv6. */
  readonly network: string;
}

/** Why a hello opens no session; the connection ends with `closeCode`. */
export interface HelloRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly closeCode: CloseCodeValue;
}

export interface OpenedSession {
  readonly session: LiveSession;
  /** False for a new one, also where a resume was asked for and there is no such session. */
  readonly resumed: boolean;
}

export const DRAINING: HelloRefusal = {
  code: 'draining',
  message: 'the server is stopping; connect again',
  closeCode: CLOSE.draining,
};

/** What the first `session.update` of a connection comes to: the session of its resume token, a new one, or why there is none. */
export function answerHello(
  { config, registry, overloaded }: ConnectionDeps,
  update: SessionUpdate,
  caller: Caller,
): OpenedSession | HelloRefusal {
  if (config.token !== undefined && !sameSecret(config.token, update.token ?? caller.token))
    return {
      code: 'unauthorised',
      message: 'session.update needs the token of this server',
      closeCode: CLOSE.unauthorised,
    };
  if (registry.draining) return DRAINING;
  const waiting = update.resume === undefined ? undefined : registry.findByResume(update.resume);
  if (waiting) return { session: waiting, resumed: true };
  if (overloaded())
    return {
      code: 'overloaded',
      message: 'no capacity for another session now; try again in 5 s',
      closeCode: CLOSE.overloaded,
    };
  const session = registry.open(update, caller.network);
  if (session) return { session, resumed: false };
  const message = `at most ${config.maxSessions} sessions at once; try again later`;
  return { code: 'too_many_sessions', message, closeCode: CLOSE.tooManySessions };
}
