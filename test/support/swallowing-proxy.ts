import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface SwallowingProxy {
  readonly port: number;
  /** Of the connections there are, nothing that is sent to the server (`up`) or by it (`down`) arrives from now on. */
  swallow(...directions: ('up' | 'down')[]): void;
  close(): Promise<void>;
}

/** Stands between a client and a server, for connections that are dead without an end that anybody sees. */
export async function startSwallowingProxy(serverPort: number): Promise<SwallowingProxy> {
  const pairs = new Set<{ readonly up: Pipe; readonly down: Pipe }>();
  const listener = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1');
    pairs.add({ up: pipe(client, server), down: pipe(server, client) });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    swallow(...directions) {
      for (const pair of pairs) for (const direction of directions) pair[direction].swallow();
    },
    async close() {
      for (const { up, down } of pairs) for (const { from } of [up, down]) from.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}

interface Pipe {
  readonly from: Socket;
  swallow(): void;
}

function pipe(from: Socket, to: Socket): Pipe {
  let swallows = false;
  from.on('data', (data) => {
    if (!swallows) to.write(data);
  });
  from.on('error', () => undefined);
  from.on('close', () => {
    if (!swallows) to.destroy();
  });
  return {
    from,
    swallow() {
      swallows = true;
    },
  };
}
