import { CLOSE } from '../../../../pipeline/protocol/index.ts';
import type { Closed } from '../../../sdk/index.ts';

const CLOSED: Readonly<Record<number, string>> = {
  [CLOSE.normal]: 'Stopped',
  [CLOSE.tooBig]: 'The server refused a message that was too big',
  [CLOSE.quota]: 'The server’s quota is used up',
  [CLOSE.idle]: 'Closed after a long silence',
  [CLOSE.badMessage]: 'The server refused this page’s messages; reload it',
  [CLOSE.tooManySessions]: 'The server has no room for another session',
  [CLOSE.superseded]: 'Continued elsewhere',
};

/** Why a connection ended for good: a few words for the line at the top, and a notice unless the person ended it. */
export function closedText(
  { code, reason }: Pick<Closed, 'code' | 'reason'>,
  hadToken: boolean,
): { readonly line: string; readonly notice: string | undefined } {
  if (code === CLOSE.unauthorised)
    return hadToken
      ? {
          line: 'The server refused the token',
          notice: 'The server refused the token in this page’s address. Correct what follows token= there.',
        }
      : {
          line: 'The server asks for a token',
          notice: 'The server asks for a token. Put it at the end of this page’s address, as in /?token=SECRET.',
        };
  const away = reason === 'unreachable' || reason === 'connection_refused' ? 'No connection to the server' : undefined;
  const line =
    CLOSED[code] ?? away ?? (reason === '' ? 'The server ended the session' : `The server ended it: ${reason}`);
  return { line, notice: code === CLOSE.normal ? undefined : `${line}.` };
}
