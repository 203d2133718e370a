import type { ConnectOptions } from '../../sdk/index.ts';

export interface ServerChoice {
  readonly transport: 'ws' | 'socket.io';
  readonly token?: string | undefined;
}

/** The server that this page came from. */
export function serverAddress({ transport, token }: ServerChoice): ConnectOptions {
  const origin = location.origin.replace(/^http/, 'ws');
  const url = transport === 'ws' ? `${origin}/v1/stream` : `${origin}/v1/live`;
  return { url, transport, ...(token === undefined ? {} : { token }) };
}
