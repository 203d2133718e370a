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
  /** Those that made room and have not ended: they take no place, and nobody finds them. */
  readonly #evicted = new Set<LiveSession>();
  /** Of those that opened them: a session that is resumed from elsewhere still counts there. */
  readonly #networks = new WeakMap<LiveSession, string>();
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

  /**
   * A new session, or undefined when there are too many. Of those that wait for their client the one that has waited longest
   * makes room: of the same network where as many of its wait as it may have connections, else of all.
   */
  open(wanted: SessionUpdate, network: string): LiveSession | undefined {
    const { maxConnectionsPerAddress, maxSessions } = this.#deps.config;
    const waiting = [...this.#byId.values()].filter(({ detachedMs, ending }) => detachedMs !== undefined && !ending);
    const own = waiting.filter((session) => this.#networks.get(session) === network);
    if (own.length >= maxConnectionsPerAddress) this.#evict(own);
    else if (this.#byId.size >= maxSessions && !this.#evict(waiting)) return undefined;
    const session = new LiveSession({ ...this.#deps, onEnded: (ended) => this.#forget(ended) }, wanted);
    this.#networks.set(session, network);
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
    await Promise.all(this.#all().map((session) => session.end(CLOSE.draining, 'draining')));
  }

  /** Gives up those that have not ended. */
  abandon(): void {
    for (const session of this.#all()) session.abandon();
  }

  /** Every session that has not ended. */
  #all(): LiveSession[] {
    return [...this.#byId.values(), ...this.#evicted];
  }

  /** Ends the session that has waited longest for its client. @returns false when none waits */
  #evict(waiting: readonly LiveSession[]): boolean {
    const [longest] = waiting.toSorted((a, b) => (a.detachedMs ?? 0) - (b.detachedMs ?? 0));
    if (!longest) return false;
    this.#forget(longest);
    this.#evicted.add(longest);
    void longest.end(CLOSE.overloaded, 'made room');
    return true;
  }

  #forget(session: LiveSession): void {
    this.#evicted.delete(session);
    this.#byId.delete(session.id);
    this.#byResume.delete(resumeKey(session.resumeToken));
  }
}

function resumeKey(token: string): string {
  return digest(token).toString('base64');
}
