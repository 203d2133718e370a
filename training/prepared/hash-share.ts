import { fingerprint } from '../fingerprint.ts';

/** A number from 0 up to 1 that a name alone decides: the same everywhere, and spread evenly over names. */
export function hashShare(...name: readonly string[]): number {
  return Number.parseInt(fingerprint(...name).slice(0, 8), 16) / 2 ** 32;
}
