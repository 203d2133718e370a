import { CLOSE } from '../../../../pipeline/protocol/index.ts';
import { byId, setText } from '../dom.ts';
import { closedText } from './closed-text.ts';
import type { Closed, ConnectionStatus, Session } from '../../../sdk/index.ts';

/** The line at the top that says how the connection is. */
export class ConnectionLine {
  readonly #root = byId('connection', HTMLElement);
  readonly #text = byId('connection-text', HTMLElement);

  show(status: ConnectionStatus, session: Session | undefined): void {
    this.#root.dataset['state'] = status.state;
    if (status.state === 'open' && session)
      setText(this.#text, `Live · ${session.bundle.name} on ${session.device.provider}`);
    else if (status.state === 'connecting') setText(this.#text, 'Connecting…');
    else if (status.state === 'reconnecting')
      setText(this.#text, `${trouble(status, session)}, trying again (${status.attempt})…`);
    else if (status.state === 'closing') setText(this.#text, 'Stopping…');
  }

  /** What is worth a notice, or nothing. */
  closed(closed: Closed, hadToken: boolean): string | undefined {
    this.#root.dataset['state'] = 'closed';
    const { line, notice } = closedText(closed, hadToken);
    setText(this.#text, line);
    return notice;
  }
}

function trouble({ last }: ConnectionStatus, session: Session | undefined): string {
  if (last?.code === CLOSE.overloaded) return 'Server full';
  return session === undefined ? 'No connection' : 'Server gone';
}
