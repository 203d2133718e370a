import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

/**
 * Address of the client. Every trusted proxy adds the address that it saw to the right of X-Forwarded-For, so with n of
 * them the client is the n-th from the right; anything further left is the client's own claim.
 * Some write a port behind it, which differs for every connection; what is no address counts as the proxy's own.
 */
export function clientAddress(request: IncomingMessage, trustProxyHops: number): string {
  const direct = request.socket.remoteAddress ?? 'unknown';
  if (trustProxyHops === 0) return direct;
  const header = request.headers['x-forwarded-for'];
  const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const client = withoutPort(forwarded.at(-trustProxyHops) ?? forwarded[0] ?? direct);
  return isIP(client) === 0 ? direct : client;
}

/** `192.0.2.1:5678`, `[2001:db8::1]:5678` and `[2001:db8::1]` without what is no part of the address. */
function withoutPort(text: string): string {
  return text.match(/^\[(.+)\](?::\d+)?$/)?.[1] ?? text.match(/^([\d.]+):\d+$/)?.[1] ?? text;
}
