import type { Socket } from 'socket.io';
import type { SessionTotals } from '../../pipeline/protocol/index.ts';
import type { SessionTransport } from '../sessions/transport.ts';

const NO_TOTALS: SessionTotals = {
  frames: { received: 0, encoded: 0, in_flight: 0, dropped: {} },
  captions: 0,
  results: 0,
  revisions: 0,
  errors: 0,
  media_ms: 0,
};

/** A connection's id, and what engine.io holds back: packets that wait for the transport, and what its WebSocket has not sent. */
interface EngineInternals {
  readonly id: string;
  readonly writeBuffer?: readonly { readonly data?: string | Buffer }[];
  readonly transport?: { readonly socket?: EngineWebSocket };
}

/** Of the transport `websocket`; nothing of it is there while a client polls. */
export interface EngineWebSocket {
  readonly bufferedAmount?: number;
  terminate?(): void;
  on?(event: 'ping' | 'pong' | 'close', run: () => void): void;
}

/** A request of engine.io: `sid` names the connection that it belongs to, `websocket` is there once it is upgraded. */
export interface EngineRequest {
  readonly _query: { readonly sid?: string };
  readonly websocket?: EngineWebSocket;
}

/** A connection of engine.io, on which a socket of a namespace runs. */
export type EngineConnection = Socket['conn'];

/** What the further requests of a connection name it by, as `sid`. */
export function idOf(connection: EngineConnection): string {
  return (connection as unknown as EngineInternals).id;
}

/** The WebSocket of a connection, where it has one. */
export function webSocketOf(connection: EngineConnection): EngineWebSocket | undefined {
  return (connection as unknown as EngineInternals).transport?.socket;
}

/** Bytes (characters, for text) that were emitted to a socket and have not left the process. */
export function bufferedBytes(socket: Socket): number {
  const { writeBuffer = [], transport } = socket.conn as unknown as EngineInternals;
  return writeBuffer.reduce((sum, packet) => sum + (packet.data?.length ?? 0), transport?.socket?.bufferedAmount ?? 0);
}

/** Ends a connection without waiting for its client, whose WebSocket may never answer a close. */
export function cutOff(connection: EngineConnection): void {
  const webSocket = webSocketOf(connection);
  connection.close(true);
  webSocket?.terminate?.();
}

/** A socket.io connection as sessions see it: every message is an event under its type. */
export function socketIoTransport(socket: Socket, closeGraceMs: number): SessionTransport {
  let grace: NodeJS.Timeout | undefined;
  let toldCode = false;
  socket.conn.once('close', () => clearTimeout(grace));
  return {
    kind: 'socket.io',
    send(message) {
      if (message.type === 'session.closed') toldCode = true;
      if (socket.connected) socket.emit(message.type, message);
    },
    bufferedBytes: () => bufferedBytes(socket),
    // socket.io has no close codes: `session.closed` carries it, also where no session was open or it goes on.
    close(code, reason, totals = NO_TOTALS) {
      if (grace !== undefined) return;
      if (!toldCode) socket.emit('session.closed', { type: 'session.closed', code, reason, totals });
      grace = setTimeout(() => cutOff(socket.conn), closeGraceMs);
      socket.disconnect(true);
      if (socket.conn.readyState === 'closed') clearTimeout(grace);
    },
  };
}
