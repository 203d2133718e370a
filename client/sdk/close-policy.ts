import { CLOSE } from '../../pipeline/protocol/index.ts';

/** Closings after which a new connection may succeed; after any other the client stays closed. */
const TRANSIENT: ReadonlySet<number> = new Set([
  CLOSE.draining,
  1005,
  1006,
  CLOSE.internal,
  1012,
  CLOSE.overloaded,
  1014,
  CLOSE.noHello,
]);

export function mayReconnect(code: number): boolean {
  return TRANSIENT.has(code);
}

/** Refusals of a WebSocket that may be over at the next try, beside all from 500 on; 400 is socket.io's for any reason. */
const PASSING: ReadonlySet<number> = new Set([400, 408, 421, 425, 429]);

/** True for an HTTP status in the place of a WebSocket that another try would get again: a wrong path, no permission. */
export function isPermanent(status: number): boolean {
  return status < 500 && !PASSING.has(status);
}

/** A server without capacity asks for this much patience. */
const OVERLOADED_MS = 5000;

/** Milliseconds to wait before a new connection, beside the backoff. */
export function patienceMs(code: number): number {
  return code === CLOSE.overloaded ? OVERLOADED_MS : 0;
}
