import { byId, setText } from '../dom.ts';
import type { Closed, ConnectionStatus, Session } from '../../../sdk/index.ts';

const CLOSED: Readonly<Record<number, string>> = {
  1000: 'Stopped',
  1009: 'The server refused a message that was too big',
  4001: 'The server asks for a token',
  4008: 'The server’s quota is used up',
  4031: 'Closed after a long silence',
  4101: 'The server refused this page’s messages; reload it',
  4102: 'The server has no room for another session',
  4103: 'Continued elsewhere',
};

/** The line at the top that says how the connection is. */
export class ConnectionLine {
  readonly #root = byId('connection', HTMLElement);
  readonly #text = byId('connection-text', HTMLElement);

  show(status: ConnectionStatus, session: Session | undefined): void {
    this.#root.dataset['state'] = status.state;
    if (status.state === 'open' && session)
      setText(this.#text, `Live · ${session.bundle.name} on ${session.device.provider}`);
    else if (status.state === 'connecting') setText(this.#text, 'Connecting…');
    else if (status.state === 'reconnecting') setText(this.#text, `Server gone, trying again (${status.attempt})…`);
    else if (status.state === 'closing') setText(this.#text, 'Stopping…');
  }

  /** What is worth a notice, or nothing. */
  closed({ code, reason }: Closed): string | undefined {
    this.#root.dataset['state'] = 'closed';
    const text = CLOSED[code] ?? (reason === '' ? 'The server ended the session' : `The server ended it: ${reason}`);
    setText(this.#text, text);
    return code === 1000 ? undefined : `${text}.`;
  }
}
