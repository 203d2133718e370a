import { ABNORMAL_CLOSURE, refusedStatus } from './transport.ts';
import { socketIoAddress } from './socket-io-address.ts';
import type { OpenTransport } from './transport.ts';
import type { Socket } from 'socket.io-client';

const NORMAL_CLOSURE = 1000;
const NOT_FOUND = 404;

/** Event name of binary frames; every other event is named by its message's `type`. */
const FRAME_EVENT = 'frame';

/**
 * socket.io, with this client's own reconnection in place of socket.io's. `url` ends in the namespace:
 * `wss://host/v1/live`. The library is loaded when it is first used.
 */
export const socketIoTransport: OpenTransport = (url, handlers) => {
  let socket: Socket | undefined;
  let closed = false;
  const end = (code: number, reason: string, status?: number): void => {
    if (closed) return;
    closed = true;
    // socket.io's own goodbye says that the client left on purpose, as 1000 does; otherwise only the connection ends.
    if (code === NORMAL_CLOSURE) socket?.disconnect();
    else socket?.io.engine?.close();
    handlers.closed(code, reason, status);
  };

  const open = async (): Promise<void> => {
    const { io } = await import('socket.io-client');
    if (closed) return;
    const { address, path } = socketIoAddress(url);
    const options = { path, transports: ['websocket'], reconnection: false, forceNew: true, autoConnect: false };
    socket = io(address, options);
    // The client has its own limit of the wait; socket.io's would go on after a try that was given up, and keep Node running.
    socket.io.timeout(false);
    socket.on('connect', () => handlers.opened());
    socket.on('connect_error', (error: Error & { readonly description?: { readonly message?: unknown } }) => {
      // Only what the server itself answers has `data`: it has no such namespace.
      if ('data' in error) return end(ABNORMAL_CLOSURE, error.message, NOT_FOUND);
      const cause = error.description?.message;
      end(
        ABNORMAL_CLOSURE,
        typeof cause === 'string' ? `${error.message}: ${cause}` : error.message,
        refusedStatus(cause),
      );
    });
    socket.on('disconnect', (reason) => end(ABNORMAL_CLOSURE, reason));
    socket.onAny((_type: string, message: unknown) => handlers.message(message));
    socket.connect();
  };
  open().catch((error: unknown) => end(ABNORMAL_CLOSURE, String(error)));

  return {
    sendMessage: (message) => socket?.emit(String(message['type']), message),
    sendBinary: (bytes) => socket?.emit(FRAME_EVENT, bytes),
    close: (code, reason) => end(code, reason),
  };
};
