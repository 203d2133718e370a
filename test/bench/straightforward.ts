import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { CLOSE } from '../../pipeline/protocol/index.ts';
import { StraightforwardModel } from './straightforward-model.ts';
import { StraightforwardSession } from './straightforward-session.ts';

export interface StraightforwardServer {
  readonly url: string;
  readonly encoded: () => number;
  readonly connections: () => number;
  close(): Promise<void>;
}

/**
 * The named baseline: what one would write first. One Node process; every frame is decoded with sharp and encoded alone,
 * captions and windows too, on the main thread, with the runtime's default settings; each session's work is done in
 * order and nothing is left out. It speaks the same protocol over ws and predicts with the same bundle.
 */
export async function startStraightforward(bundle: string): Promise<StraightforwardServer> {
  const model = await StraightforwardModel.open(bundle);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/v1/stream', perMessageDeflate: false });
  server.on('connection', (socket: WebSocket) => {
    const session = new StraightforwardSession(model, (message) => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(JSON.stringify(message));
      if (message.type === 'session.closed') socket.close(CLOSE.normal);
    });
    socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      if (isBinary) session.onFrame(data);
      else session.onText(data.toString('utf8'));
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => session.leave());
  });
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    encoded: () => model.encoded,
    connections: () => server.clients.size,
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await model.close();
    },
  };
}
