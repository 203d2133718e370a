import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import { connect } from 'node:net';
import { tieSockets } from './tie-sockets.ts';
import type { AddressInfo } from 'node:net';

export interface ReverseProxy {
  readonly url: string;
  /** From now on connections are passed on that ask for another protocol. */
  passUpgrades(): void;
  close(): Promise<void>;
}

/** A proxy in front of a server as one is without settings: what asks for a WebSocket arrives as a plain request. */
export async function startReverseProxy(serverPort: number): Promise<ReverseProxy> {
  const server = createServer((request, response) => {
    const { upgrade: _, connection: __, ...headers } = request.headers;
    const options = { host: '127.0.0.1', port: serverPort, path: request.url, method: request.method, headers };
    const onward = ask(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passUpgrades() {
      server.on('upgrade', ({ url, rawHeaders }, client, head) => {
        const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
        const onward = connect(serverPort, '127.0.0.1', () => {
          onward.write([`GET ${url} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
          onward.write(head);
          onward.pipe(client).pipe(onward);
        });
        tieSockets(client, onward);
      });
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
