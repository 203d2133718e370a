import { errorBody } from './error-body.ts';
import type { RequestHandler } from 'express';

const MESSAGE = 'open a WebSocket here; a proxy in between must pass on the headers Upgrade and Connection';

/** Any of these tells of a proxy in between. */
const PROXY_HEADERS = ['via', 'forwarded', 'x-forwarded-for'];

/**
 * Answers a request that asks for no WebSocket where there is one: 426, which says what to upgrade to. Through a proxy it
 * does not: HTTP/2 has no such header, and a client that gets it from a proxy all the same sees a broken stream in place of
 * this answer.
 */
export const upgradeRequired: RequestHandler = ({ headers }, response) => {
  if (!PROXY_HEADERS.some((name) => headers[name] !== undefined))
    response.set({ Connection: 'Upgrade', Upgrade: 'websocket' });
  response.status(426).json(errorBody('upgrade_required', MESSAGE));
};
