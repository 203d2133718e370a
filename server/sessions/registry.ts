import { digest } from '../edge/token.ts';
import { LiveSession } from './live-session.ts';
import { CLOSE } from '../../pipeline/protocol/index.ts';
import type { ErrorCode, SessionUpdate } from '../../pipeline/protocol/index.ts';
import type { SessionDeps } from './live-session.ts';

/** Every session of a server: opened, found, counted, and ended together. */
export class SessionRegistry {
  readonly #deps: Omit<SessionDeps, 'onEnded'>;
  readonly #byId = new Map<string, LiveSession>();
  readonly #byResume = new Map<string, LiveSession>();
  #draining = false;

  constructor(deps: Omit<SessionDeps, 'onEnded'>) {
    this.#deps = deps;
  }

  get draining(): boolean {
    return this.#draining;
  }

  get size(): number {
    return this.#byId.size;
  }

  counts(): { attached: number; detached: number } {
    let attached = 0;
    for (const session of this.#byId.values()) if (session.attached) attached++;
    return { attached, detached: this.#byId.size - attached };
  }

  /** A new session, or undefined when there are too many; one that waits for its client makes room, the oldest first. */
  open(wanted: SessionUpdate): LiveSession | undefined {
    if (this.#byId.size >= this.#deps.config.maxSessions && !this.#evict()) return undefined;
    const session = new LiveSession({ ...this.#deps, onEnded: (ended) => this.#forget(ended) }, wanted);
    this.#byId.set(session.id, session);
    this.#byResume.set(resumeKey(session.resumeToken), session);
    return session;
  }

  find(id: string): LiveSession | undefined {
    return this.#byId.get(id);
  }

  findByResume(token: string): LiveSession | undefined {
    const session = this.#byResume.get(resumeKey(token));
    return session?.ending ? undefined : session;
  }

  /** Warns every session. */
  warn(code: ErrorCode, message: string): void {
    for (const session of this.#byId.values()) session.warn(code, message);
  }

  /** Opens nothing more, warns every session, and resolves when all have ended. Idempotent. */
  async drain(): Promise<void> {
    if (!this.#draining) {
      this.#draining = true;
      this.warn('draining', 'the server is stopping; connect again');
    }
    await Promise.all([...this.#byId.values()].map((session) => session.end(CLOSE.draining, 'draining')));
  }

  /** Gives up those that have not ended. */
  abandon(): void {
    for (const session of this.#byId.values()) session.abandon();
  }

  #evict(): boolean {
    for (const session of this.#byId.values()) {
      if (session.attached || session.ending) continue;
      this.#forget(session);
      void session.end(CLOSE.overloaded, 'made room');
      return true;
    }
    return false;
  }

  #forget(session: LiveSession): void {
    this.#byId.delete(session.id);
    this.#byResume.delete(resumeKey(session.resumeToken));
  }
}

function resumeKey(token: string): string {
  return digest(token).toString('base64');
}
