import type { ConnectOptions } from '../../sdk/index.ts';

export interface ServerChoice {
  readonly transport: 'ws' | 'socket.io';
  readonly token?: string | undefined;
}

/** The server that this page came from, `page` being its address, which a proxy may have put below a path. */
export function serverAddress({ transport, token }: ServerChoice, page = location.href): ConnectOptions {
  const { href } = new URL(transport === 'ws' ? 'v1/stream' : 'v1/live', new URL('.', page));
  return { url: href.replace(/^http/, 'ws'), transport, ...(token === undefined ? {} : { token }) };
}
