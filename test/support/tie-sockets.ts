import type { Duplex } from 'node:stream';

/** Neither of the two ends of a proxy outlives the other. */
export function tieSockets(client: Duplex, onward: Duplex): void {
  for (const [one, other] of [
    [client, onward],
    [onward, client],
  ] as const)
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
}
