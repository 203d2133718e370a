import type { Closed } from '../../../sdk/index.ts';

const CLOSED: Readonly<Record<number, string>> = {
  1000: 'Stopped',
  1009: 'The server refused a message that was too big',
  4008: 'The server’s quota is used up',
  4031: 'Closed after a long silence',
  4101: 'The server refused this page’s messages; reload it',
  4102: 'The server has no room for another session',
  4103: 'Continued elsewhere',
};
const UNAUTHORISED = 4001;

/** Why a connection ended for good: a few words for the line at the top, and a notice unless the person ended it. */
export function closedText(
  { code, reason }: Pick<Closed, 'code' | 'reason'>,
  hadToken: boolean,
): { readonly line: string; readonly notice: string | undefined } {
  if (code === UNAUTHORISED)
    return hadToken
      ? {
          line: 'The server refused the token',
          notice: 'The server refused the token in this page’s address. Correct what follows token= there.',
        }
      : {
          line: 'The server asks for a token',
          notice: 'The server asks for a token. Put it at the end of this page’s address, as in /?token=SECRET.',
        };
  const line = CLOSED[code] ?? (reason === '' ? 'The server ended the session' : `The server ended it: ${reason}`);
  return { line, notice: code === 1000 ? undefined : `${line}.` };
}
