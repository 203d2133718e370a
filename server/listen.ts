import { once } from 'node:events';
import { EXIT, UndertoneError } from '../models/errors.ts';
import type { Server } from 'node:net';
import type { ServerConfig } from './config.ts';

/**
 * Takes connections at the address and port of the settings.
 * @throws UndertoneError `address_in_use`, `listen_failed` when they cannot be had
 */
export async function listen(server: Server, { host, port }: Pick<ServerConfig, 'host' | 'port'>): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const at = `${host}:${port}`;
    throw code === 'EADDRINUSE'
      ? new UndertoneError('address_in_use', `${at} is taken; choose another with --port or UNDERTONE_PORT`)
      : new UndertoneError('listen_failed', `cannot listen on ${at}: ${String(code)}`, {
          cause: error,
          exitCode: EXIT.failure,
        });
  }
}
