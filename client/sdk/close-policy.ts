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
