import { ABNORMAL_CLOSURE, refusedStatus } from './transport.ts';
import type { OpenTransport, Transport, TransportHandlers } from './transport.ts';

/** What this client uses of a WebSocket; the browser's, Node's and that of `ws` all have it. */
export interface WebSocketLike {
  readonly readyState: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'error', listener: (event: { readonly message?: unknown }) => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

const OPEN = 1;

/** Uses the given constructor, else the platform's, else that of the `ws` package (Node 20). */
export function webSocketTransport(given: WebSocketConstructor | undefined): OpenTransport {
  return (url, handlers) => {
    const platform = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
    return platform ? overSocket(new platform(url), handlers) : overLaterSocket(url, handlers);
  };
}

function overSocket(socket: WebSocketLike, handlers: TransportHandlers): Transport {
  socket.addEventListener('open', () => handlers.opened());
  socket.addEventListener('message', (event) => handlers.message(event.data));
  // A close follows, which has no reason of its own. Browsers do not tell it here either.
  let trouble = '';
  socket.addEventListener('error', ({ message }) => {
    if (typeof message === 'string') trouble = message;
  });
  socket.addEventListener('close', ({ code, reason }) =>
    handlers.closed(code, reason === '' ? trouble : reason, refusedStatus(trouble)),
  );
  return {
    sendMessage(message) {
      if (socket.readyState === OPEN) socket.send(JSON.stringify(message));
    },
    sendBinary(bytes) {
      if (socket.readyState === OPEN) socket.send(bytes);
    },
    close: (code, reason) => socket.close(code, reason),
  };
}

function overLaterSocket(url: string, handlers: TransportHandlers): Transport {
  let transport: Transport | undefined;
  let closed = false;
  const open = async (): Promise<void> => {
    const { WebSocket } = await import('ws');
    if (!closed) transport = overSocket(new WebSocket(url), handlers);
  };
  open().catch((error: unknown) => handlers.closed(ABNORMAL_CLOSURE, String(error)));
  return {
    sendMessage: (message) => transport?.sendMessage(message),
    sendBinary: (bytes) => transport?.sendBinary(bytes),
    close(code, reason) {
      if (transport) return transport.close(code, reason);
      if (closed) return;
      closed = true;
      handlers.closed(code, reason);
    },
  };
}
