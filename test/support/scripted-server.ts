import { ServerMessage } from '../../pipeline/protocol/index.ts';
import { sentimentResult, sessionCreated } from './protocol-server.ts';
import type { Page, WebSocketRoute } from 'playwright-core';
import type { SentimentResult } from '../../pipeline/protocol/index.ts';

/** As long as a server may take to settle what is on its way. */
const GOODBYE_MS = 400;

/** The server that a page in a browser talks to, without one: it opens sessions, and else says what a test makes it say. */
export interface ScriptedServer {
  /** Sends a message that the schema accepts. */
  send(message: ServerMessage): void;
  /** Sends the next result, of now unless told otherwise. */
  result(change?: Partial<SentimentResult>): void;
  /** Closes the connection; with `away`, the ones that follow too until the next `back`. */
  close(code: number, options?: { readonly away?: boolean }): Promise<void>;
  back(): void;
}

/** To be called before the page is opened. @param session what is other than usual in the sessions that it opens */
export async function scriptServer(
  page: Page,
  session: Partial<ReturnType<typeof sessionCreated>> = {},
): Promise<ScriptedServer> {
  let socket: WebSocketRoute | undefined;
  let away = false;
  let sessions = 0;
  let seq = 0;
  /** When the run began whose session it is: media time 0. */
  let beganMs = 0;
  const send = (message: ServerMessage): void => socket?.send(JSON.stringify(ServerMessage.parse(message)));

  await page.routeWebSocket(/\/v1\/stream$/, async (opened) => {
    if (away) {
      await opened.close({ code: 1012 });
      return;
    }
    socket = opened;
    opened.onMessage((message) => {
      const { type, resume }: { type?: string; resume?: string } =
        typeof message === 'string' ? JSON.parse(message) : {};
      if (type === 'session.close') setTimeout(() => void opened.close({ code: 1000 }), GOODBYE_MS);
      if (type !== 'session.update') return;
      seq = 0;
      if (resume === undefined) beganMs = performance.now();
      send({ ...sessionCreated(`session-${sessions++}`), ...session });
    });
  });

  return {
    send,
    result: (change) => send(sentimentResult(seq++, { pts_ms: Math.round(performance.now() - beganMs), ...change })),
    async close(code, options) {
      away = options?.away ?? false;
      await socket?.close({ code });
    },
    back() {
      away = false;
    },
  };
}
