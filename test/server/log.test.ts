import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../server/log.ts';
import { TRANSPORTS } from './support/test-client.ts';
import { startTestServer, stopTestServers } from './support/test-server.ts';

afterEach(stopTestServers);

test('a session leaves structured lines, and nothing of what was said, shown or secret in them', async () => {
  const lines: string[] = [];
  const logger = createLogger('trace', { write: (line) => void lines.push(line) });
  const server = await startTestServer({ logger, token: 'the-token-of-the-server' });
  const secrets = ['the-token-of-the-server', 'wordsthatwerespoken', 'picturethatwasshown', '127.0.0.1:'];
  for (const kind of TRANSPORTS) {
    const client = await server.open(kind, { token: 'the-token-of-the-server' });
    const { resume_token: resume, observe_token: observe } = client.of('session.created')[0] ?? {};
    secrets.push(resume ?? '-', observe ?? '-');
    client.frame(0, 0, 'picturethatwasshown');
    client.caption('s0', 'wordsthatwerespoken', 0, 100);
    client.send({ type: 'caption', text: 'wordsthatwerespoken', start_ms: 'no number' });
    await client.next('error');
    await client.next('sentiment.result');
    client.send({ type: 'session.close' });
    await client.closed;
  }
  const entries = lines.map((line) => JSON.parse(line) as { level: string; msg: string; session?: string });
  expect(entries.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['session opened', 'session ended']));
  expect(entries.every(({ level, msg }) => level !== '' && msg !== '')).toBe(true);
  // The address that the server itself listens on is in its first line.
  const rest = lines.filter((line) => !line.includes('"msg":"serving"')).join('');
  expect(secrets.filter((secret) => rest.includes(secret))).toEqual([]);
});

test('a failure of the server itself is in the log with the request_id that the client got, and what failed', async () => {
  const lines: string[] = [];
  const logger = createLogger('info', { write: (line) => void lines.push(line) });
  const server = await startTestServer({ logger });
  server.model.failPredict = () => 'model_run_failed';
  const client = await server.open('ws');
  client.caption('s0', 'what a lovely day', 0, 100);
  const { request_id, message } = await client.next('warning', ({ code }) => code === 'internal');
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries).toContainEqual(
    expect.objectContaining({ level: 'error', code: 'internal', request_id, detail: message }),
  );
});

describe('the process goes on and ends by itself', { timeout: 60_000 }, () => {
  const program = new URL('support/log-child.ts', import.meta.url).pathname;
  const write = (stdout: number | 'pipe') =>
    spawnSync(process.execPath, ['--import', 'tsx', program], {
      stdio: ['ignore', stdout, 'pipe'],
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });

  test('when its lines are written', () => {
    const { status, stdout } = write('pipe');
    expect({ status, lines: stdout.toString().trim().split('\n').length }).toEqual({ status: 0, lines: 6 });
  });

  test.skipIf(!existsSync('/dev/full'))('when the disk is full', () => {
    const { status, signal, stderr } = write(openSync('/dev/full', 'w'));
    expect({ status, signal, stderr: stderr.toString() }).toEqual({ status: 0, signal: null, stderr: '' });
  });
});
