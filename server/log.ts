import { isIPv4 } from 'node:net';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import type { ServerConfig } from './config.ts';

export type { Logger };

/**
 * JSON lines on stdout (or `destination`). Messages are static; what varies is in fields. Captions, frames, tokens and
 * full addresses are never fields.
 */
export function createLogger(level: ServerConfig['logLevel'], destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    redact: ['token', '*.token', 'resume', '*.resume', 'text', '*.text'],
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** The network of an address: the first 24 bits of IPv4, the first 48 of IPv6. */
export function addressForLog(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, '.0/24');
  const [before = '', after] = plain.replace(/%.*$/, '').split('::');
  const groups = before.split(':').filter((group) => group !== '');
  // The zeros that `::` stands for count.
  const zeros = after === undefined ? 0 : 8 - groups.length - after.split(':').filter((group) => group !== '').length;
  return `${[...groups, ...Array<string>(Math.max(0, zeros)).fill('0')].slice(0, 3).join(':')}::/48`;
}
