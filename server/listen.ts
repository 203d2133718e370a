import { once } from 'node:events';
import { EXIT, UndertoneError } from '../models/errors.ts';
import { urlHost } from './url-host.ts';
import type { Server } from 'node:net';
import type { ServerConfig } from './config.ts';

const NO_HOST = 'the host is a name or an address of this machine, without scheme and port';

/** What to do about the reasons for which an address is refused. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOTFOUND: NO_HOST,
  EAI_AGAIN: NO_HOST,
  EADDRNOTAVAIL: 'this machine does not have that address; 0.0.0.0 is every address',
  EACCES: 'ports below 1024 need more rights; choose another with --port or UNDERTONE_PORT',
};

/**
 * Takes connections at the address and port of the settings.
 * @throws UndertoneError `address_in_use`, `listen_failed` when they cannot be had
 */
export async function listen(server: Server, { host, port }: Pick<ServerConfig, 'host' | 'port'>): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const at = `${urlHost(host)}:${port}`;
    if (code === 'EADDRINUSE')
      throw new UndertoneError('address_in_use', `${at} is taken; choose another with --port or UNDERTONE_PORT`);
    const advice = ADVICE[code] ?? 'choose another --host or --port';
    throw new UndertoneError('listen_failed', `cannot listen on ${at}: ${code}; ${advice}`, {
      cause: error,
      exitCode: EXIT.failure,
    });
  }
}
