/** One connection, already closed at the end of its life; no retries of its own. */
export interface Transport {
  /** A JSON message with its `type`. */
  sendMessage(message: Readonly<Record<string, unknown>>): void;
  /** A binary frame. */
  sendBinary(bytes: Uint8Array<ArrayBuffer>): void;
  /** Idempotent; `closed` is called once, also when the connection never opened. */
  close(code: number, reason: string): void;
}

export interface TransportHandlers {
  opened(): void;
  /** JSON text, or a parsed value. */
  message(data: unknown): void;
  /** 1006 where nobody said why; `status` where HTTP answered in the place of a WebSocket and the platform tells it. */
  closed(code: number, reason: string, status?: number): void;
}

/** Begins to connect; failures end in `closed`. */
export type OpenTransport = (url: string, handlers: TransportHandlers) => Transport;

export const ABNORMAL_CLOSURE = 1006;

/** The HTTP status in what the package `ws` says of a server that opens no WebSocket; browsers and Node's own tell none. */
export function refusedStatus(message: unknown): number | undefined {
  const status = typeof message === 'string' ? /^Unexpected server response: (\d{3})$/.exec(message)?.[1] : undefined;
  return status === undefined ? undefined : Number(status);
}

/** Given up on a silent server, with the session to be resumed; 1000 would say that the client left on purpose. */
export const TIMEOUT_CLOSURE = 3008;
