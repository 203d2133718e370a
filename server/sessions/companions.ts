import { soon } from './soon.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

/** How long a message may wait for another one to leave with. */
const WAIT_MS: Partial<Record<ServerMessage['type'], number>> = { credit: 20, metrics: 300 };

/**
 * Lets messages that nobody waits for leave together with the next one that somebody does, which makes one packet of
 * them; alone, they leave after a while. The order stays, but of two credits that wait one is made.
 */
export class Companions {
  readonly #send: (message: ServerMessage) => void;
  readonly #flush = (): void => this.flush();
  #waiting: ServerMessage[] = [];
  #cancel: (() => void) | undefined;

  constructor(send: (message: ServerMessage) => void) {
    this.#send = send;
  }

  /** Sends what waits, and this. */
  now(message: ServerMessage): void {
    if (this.#waiting.length > 0) this.flush();
    this.#send(message);
  }

  /** Sends this with the next message, or after 20 ms (`credit`) or 300 ms (`metrics`); others at once. */
  soon(message: ServerMessage): void {
    const waitMs = WAIT_MS[message.type];
    if (waitMs === undefined) return this.now(message);
    const at = message.type === 'credit' ? this.#waiting.findIndex(({ type }) => type === 'credit') : -1;
    const before = this.#waiting[at];
    if (message.type === 'credit' && before?.type === 'credit')
      this.#waiting[at] = { type: 'credit', frames: before.frames + message.frames };
    else this.#waiting.push(message);
    this.#cancel = soon(this.#flush, waitMs);
  }

  /** Sends what waits. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) this.#send(message);
  }
}
