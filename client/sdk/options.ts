import type { BackoffOptions } from './backoff.ts';
import type { WebSocketConstructor } from './transport/web-socket.ts';

export interface ConnectOptions {
  /** `wss://host/v1/stream`, or for socket.io the namespace's address `wss://host/v1/live`. */
  readonly url: string | URL;
  /** Default `ws`. */
  readonly transport?: 'ws' | 'socket.io' | undefined;
  /** In place of the platform's WebSocket, or of the `ws` package where the platform has none. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** `name` or `name@version`; the server's default when absent. */
  readonly bundle?: string | undefined;
  /** Media time between predictions in milliseconds. */
  readonly hopMs?: number | undefined;
  /** Exponential smoothing of the score: weight of the past in [0, 0.99]. */
  readonly smoothing?: number | undefined;
  /** Every result also tells the scores of one modality alone and of zeros in the place of synthesis. */
  readonly counterfactuals?: boolean | undefined;
  /** Access token of the operator, where the server asks for one. */
  readonly token?: string | undefined;
  /** Resume token of an earlier `session` event: goes on with that session where the server still has it. */
  readonly resume?: string | undefined;
  /**
   * With `resume`: `seq` of the newest result of that session that has arrived, -1 for none; what came after it is sent again.
   * Without it, what came while nobody was connected is.
   */
  readonly lastSeq?: number | undefined;
  /** False never reconnects. */
  readonly reconnect?: { readonly [K in keyof BackoffOptions]?: BackoffOptions[K] | undefined } | false | undefined;
  /** Time between keepalives in milliseconds, which also say that the caption stream is alive; 0 sends none. Default 5,000. */
  readonly keepaliveMs?: number | undefined;
  /** Longest wait for a session in milliseconds before the next try. Default 10,000. */
  readonly handshakeMs?: number | undefined;
  /** Silence of the server in milliseconds after which the connection counts as dead; 0 waits forever. Default 15,000. */
  readonly staleMs?: number | undefined;
  /** Time in milliseconds that the server has to end the session after `close()`. Default 3,000. */
  readonly closeMs?: number | undefined;
  /**
   * Caption segments that wait while there is no connection, or are kept until the server has counted them. Default 128:
   * they leave together, and a server takes 200 messages at once.
   */
  readonly captionBuffer?: number | undefined;
  /** Events that wait for each slow `for await` loop; then the oldest are dropped. Default 1,024. */
  readonly eventBuffer?: number | undefined;
  /** Closes the client when it aborts. */
  readonly signal?: AbortSignal | undefined;
}
