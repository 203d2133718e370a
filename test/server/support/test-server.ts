import { vi } from 'vitest';
import { startServer } from '../../../server/start-server.ts';
import { fakeModel } from '../../support/fake-model.ts';
import { connectTestClient } from './test-client.ts';
import type { RunningServer, ServerOptions } from '../../../server/start-server.ts';
import type { FakeModel, FakeModelOptions } from '../../support/fake-model.ts';
import type { TestClient, TestClientOptions, TransportKind } from './test-client.ts';

export interface TestServer extends RunningServer {
  readonly model: FakeModel;
  connect(kind: TransportKind, options?: TestClientOptions): Promise<TestClient>;
  /** Connects and opens a session. */
  open(kind: TransportKind, update?: Record<string, unknown>, options?: TestClientOptions): Promise<TestClient>;
}

const running = new Set<RunningServer>();

/** A server on a free port over a fake model, silent, its windows short: 1 s, a hop every 100 ms. */
export async function startTestServer(
  options: Partial<ServerOptions> = {},
  modelOptions: FakeModelOptions = {},
): Promise<TestServer> {
  const model = fakeModel({ windowMs: 1000, hopMs: 100, ...modelOptions });
  const server = await startServer({ model, port: 0, logLevel: 'silent', closeGraceMs: 200, ...options });
  running.add(server);
  const connect: TestServer['connect'] = (kind, clientOptions) => connectTestClient(kind, server.url, clientOptions);
  return {
    ...server,
    model,
    connect,
    async open(kind, update = {}, clientOptions) {
      const client = await connect(kind, clientOptions);
      client.send({ type: 'session.update', protocol: 1, ...update });
      await client.next('session.created');
      return client;
    },
  };
}

/** The time of this process stands still until `vi.advanceTimersByTime`, and goes on with `stopTestServers`; sockets work. */
export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
}

/** For afterEach: no server survives its test. */
export async function stopTestServers(): Promise<void> {
  if (vi.isFakeTimers()) {
    // What waits for a moment is done with, so that no timer of this test is waited for in the next one.
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
  }
  await Promise.all([...running].map((server) => server.close()));
  running.clear();
}
