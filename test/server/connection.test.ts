import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../../server/config.ts';
import { createLogger } from '../../server/log.ts';
import { createMetrics } from '../../server/metrics.ts';
import { SessionConnection } from '../../server/sessions/connection.ts';
import { SessionRegistry } from '../../server/sessions/registry.ts';
import { fakeModel } from '../support/fake-model.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

/** Connections to one server, each with the messages that it was sent; after `room` of them its client reads no more. */
function makeServer() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const nothing = (): undefined => undefined;
  const model = fakeModel();
  const config = loadConfig({}, {});
  const metrics = createMetrics({
    sessions: () => ({ attached: 0, detached: 0 }),
    connections: () => 0,
    observers: () => 0,
    runtime: nothing,
    shadowStalled: () => false,
  });
  const log = createLogger('silent');
  const now = (): number => performance.now();
  const audience = { publish: nothing, end: nothing };
  const registry = new SessionRegistry({ model, config, metrics, log, audience, now });
  const shared = { registry, connections: new Set<SessionConnection>(), config, metrics, log, now };
  return {
    connect(update: object = {}, room = Infinity) {
      const got: ServerMessage[] = [];
      const send = (message: ServerMessage): void => void got.push(message);
      const bufferedBytes = (): number => (got.length < room ? 0 : config.coalesceBytes + 1);
      const transport = { kind: 'ws', send, bufferedBytes, close: nothing } as const;
      const deps = { ...shared, info: model.info, overloaded: () => false };
      const connection = new SessionConnection(deps, transport, { token: undefined, network: '192.0.2.1' });
      connection.onValue({ type: 'session.update', protocol: 1, ...update });
      const created = got.find((message) => message.type === 'session.created');
      return { connection, got, id: created?.session_id, resume: created?.resume_token };
    },
  };
}

test('a connection that was superseded cannot end the session of the one that superseded it', () => {
  const server = makeServer();
  const first = server.connect();
  const { resume } = first;
  const second = server.connect({ resume });
  expect(first.got.at(-1)).toMatchObject({ type: 'error', code: 'superseded' });
  second.connection.onClosed(false);
  // Its client had left, too, when it was superseded.
  first.connection.onClosed(true);
  expect(server.connect({ resume }).id).toBe(first.id);
});

test('a client that leaves ends its session', () => {
  const server = makeServer();
  const { connection, id, resume } = server.connect();
  connection.onClosed(true);
  const next = server.connect({ resume });
  expect(next.got[0]).toMatchObject({ type: 'warning', code: 'no_such_session' });
  expect(next.id).not.toBe(id);
});

test.each([
  ['a superseded connection', -1],
  ['a superseded connection', undefined],
  ['a connection that was lost', -1],
  ['a connection that was lost', undefined],
])('what %s has not sent again is left to the next one, which says last_seq %s', (which, last_seq) => {
  const server = makeServer();
  const first = server.connect();
  const { resume } = first;
  // Each is answered with an error, which is kept for a resume.
  for (let i = 0; i < 5; i++) first.connection.onUnreadable(`unreadable ${i}`);
  const texts = ({ got }: typeof first): string[] =>
    got.flatMap((message) => (message.type === 'error' && message.code === 'bad_message' ? [message.message] : []));
  const all = texts(first);
  first.connection.onClosed(false);
  // session.created, credit, and the first two of them.
  const slow = server.connect({ resume, last_seq: -1 }, 4);
  if (which === 'a connection that was lost') slow.connection.onClosed(false);
  const next = server.connect({ resume, last_seq });
  expect(all).toHaveLength(5);
  expect(texts(slow)).toEqual(all.slice(0, 2));
  expect(texts(next)).toEqual(last_seq === undefined ? all.slice(2) : all);
});

test('a resume brings again what came after the result, problems by the same request_id, and metrics after a second', () => {
  const server = makeServer();
  const first = server.connect();
  const { resume } = first;
  first.connection.onUnreadable('unreadable');
  const error = first.got.find(({ type }) => type === 'error');
  const again = (): ServerMessage[] => server.connect({ resume, last_seq: -1 }).got.slice(2);
  expect(error).toMatchObject({ request_id: expect.any(String) });
  expect(again()).toEqual([error]);
  vi.advanceTimersByTime(1000);
  expect(again()).toMatchObject([error, { type: 'metrics' }]);
});
