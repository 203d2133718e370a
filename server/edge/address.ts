import type { IncomingMessage } from 'node:http';

/**
 * Address of the client. Every trusted proxy adds the address that it saw to the right of X-Forwarded-For, so with n of
 * them the client is the n-th from the right; anything further left is the client's own claim.
 */
export function clientAddress(request: IncomingMessage, trustProxyHops: number): string {
  const direct = request.socket.remoteAddress ?? 'unknown';
  if (trustProxyHops === 0) return direct;
  const header = request.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return forwarded.at(-trustProxyHops) ?? forwarded[0] ?? direct;
}
