import { Client } from './client.ts';
import { ClientError } from './client-error.ts';
import { helloOf } from './hello.ts';
import { socketIoTransport } from './transport/socket-io.ts';
import { webSocketTransport } from './transport/web-socket.ts';
import type { ConnectOptions } from './options.ts';
import type { UndertoneClient } from './undertone-client.ts';

const TRANSPORTS: readonly ConnectOptions['transport'][] = ['ws', 'socket.io'];

/**
 * Opens a session and keeps it open. Returns at once; what is sent before the session is there waits (captions,
 * modality states) or is dropped (frames).
 *
 * @throws {ClientError} `bad_options` when `url` is not an absolute ws, wss, http or https address or has a fragment, `transport`
 * is no name of one, or an option is out of range.
 */
export function connect(options: ConnectOptions): UndertoneClient {
  const url = String(options.url);
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (!['ws:', 'wss:', 'http:', 'https:'].includes(protocol))
    throw new ClientError('bad_options', `url is not a WebSocket address: ${url}`);
  if (url.includes('#')) throw new ClientError('bad_options', `url has a fragment, which no WebSocket takes: ${url}`);
  const { transport = 'ws' } = options;
  if (!TRANSPORTS.includes(transport))
    throw new ClientError('bad_options', `transport: ${transport} is none of ${TRANSPORTS.join(', ')}`);
  helloOf(options);
  const open = transport === 'socket.io' ? socketIoTransport : webSocketTransport(options.WebSocket);
  return new Client(options, open);
}
