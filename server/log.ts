import { isIPv4 } from 'node:net';
import { pino } from 'pino';
import { clientNetwork, ipv6Groups } from './edge/client-network.ts';
import type { DestinationStream, Logger } from 'pino';
import type { ServerConfig } from './config.ts';

export type { Logger };

const STDOUT_FD = 1;
/** Bound of the lines that wait for a reader of stdout; further ones are lost. */
const MOST_WAITING_BYTES = 1024 * 1024;

/**
 * JSON lines on stdout (or `destination`). Messages are static; what varies is in fields. Captions, frames, tokens and
 * full addresses are never fields.
 */
export function createLogger(level: ServerConfig['logLevel'], destination: DestinationStream = stdout()): Logger {
  const options = {
    level,
    base: null,
    redact: ['token', '*.token', 'resume', '*.resume', 'text', '*.text'],
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination);
}

/**
 * Lines that cannot be written (the disk is full, the terminal gone) are lost, which is better than a server that ends for
 * them. What failed is left behind: pino would try to write it for ever as the process ends.
 */
function stdout(): DestinationStream {
  let stream: ReturnType<typeof pino.destination> | undefined;
  const open = (): ReturnType<typeof pino.destination> => {
    const opened = pino.destination({ fd: STDOUT_FD, sync: false, maxLength: MOST_WAITING_BYTES });
    opened.on('error', () => {
      opened.destroy();
      if (stream === opened) stream = undefined;
    });
    return opened;
  };
  return {
    write(line) {
      stream ??= open();
      stream.write(line);
    },
  };
}

/** The network of an address: the first 24 bits of IPv4, the first 48 of IPv6. */
export function addressForLog(address: string): string {
  const plain = clientNetwork(address);
  if (isIPv4(plain)) return plain.replace(/\.\d+$/, '.0/24');
  const groups = ipv6Groups(address);
  return groups === undefined ? plain : `${groups.slice(0, 3).join(':')}::/48`;
}
