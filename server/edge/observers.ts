import { bufferedBytes, cutOff } from './socket-io-transport.ts';
import { REPLACEABLE } from '../sessions/outbox.ts';
import { sameSecret } from './token.ts';
import type { Namespace, Socket } from 'socket.io';
import type { Observe, ObserveReply, ServerMessage } from '../../pipeline/protocol/index.ts';
import type { ServerConfig } from '../config.ts';
import type { Audience } from '../sessions/audience.ts';
import type { SessionRegistry } from '../sessions/registry.ts';

/**
 * Sockets that watch sessions, one room per session. Nothing waits for them: while one has more than `coalesceBytes`
 * buffered it misses results and metrics (the gap shows in `seq`), above `closeBytes` it is disconnected.
 */
export class Observers implements Audience {
  readonly #namespace: Namespace;
  readonly #config: ServerConfig;
  readonly #rooms = new Map<string, Set<Socket>>();

  constructor(namespace: Namespace, config: ServerConfig) {
    this.#namespace = namespace;
    this.#config = config;
  }

  get total(): number {
    let total = 0;
    for (const sockets of this.#rooms.values()) total += sockets.size;
    return total;
  }

  /** Lets a socket watch: it gets the session's description, each modality's state, and from then on every message. */
  async observe(socket: Socket, request: Observe, registry: SessionRegistry): Promise<ObserveReply> {
    const session = registry.find(request.session_id);
    const { token, maxObservers } = this.#config;
    const allowed =
      (token !== undefined && sameSecret(token, request.token)) ||
      (session !== undefined && sameSecret(session.observeToken, request.token));
    if (!allowed) return { ok: false, code: 'unauthorised' };
    if (!session || session.ending) return { ok: false, code: 'no_such_session' };
    const sockets = this.#rooms.get(session.id) ?? new Set();
    if (sockets.size >= maxObservers) return { ok: false, code: 'overloaded' };
    sockets.add(socket);
    this.#rooms.set(session.id, sockets);
    socket.once('disconnect', () => this.#leave(session.id, socket));
    await socket.join(session.id);
    for (const message of [{ type: 'session.created' as const, ...session.info() }, ...session.states()])
      socket.emit(message.type, withoutTokens(message));
    return { ok: true };
  }

  publish(sessionId: string, message: ServerMessage): void {
    const sockets = this.#rooms.get(sessionId);
    if (!sockets) return;
    const skipped: string[] = [];
    for (const socket of sockets) {
      const bytes = bufferedBytes(socket);
      if (bytes > this.#config.closeBytes) cutOff(socket.conn);
      else if (bytes > this.#config.coalesceBytes && REPLACEABLE.has(message.type)) skipped.push(socket.id);
    }
    this.#namespace.to(sessionId).except(skipped).emit(message.type, withoutTokens(message));
  }

  end(sessionId: string): void {
    const sockets = this.#rooms.get(sessionId) ?? [];
    this.#rooms.delete(sessionId);
    for (const socket of sockets) socket.disconnect(true);
  }

  #leave(sessionId: string, socket: Socket): void {
    const sockets = this.#rooms.get(sessionId);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#rooms.delete(sessionId);
  }
}

/** Observers see what a session is, not what would let them take it over or invite others. */
function withoutTokens(message: ServerMessage): ServerMessage {
  if (message.type !== 'session.created' && message.type !== 'session.updated') return message;
  const { observe_token: _observe, ...rest } = message;
  return { ...rest, resume_token: '' };
}
