import { expect, test } from 'vitest';
import { serverAddress } from '../../../client/web/src/server-address.ts';

test.each([
  ['http://localhost:8080/', 'ws', 'ws://localhost:8080/v1/stream'],
  ['https://example.org/?transport=socket.io#x', 'socket.io', 'wss://example.org/v1/live'],
  ['https://example.org/mood/', 'ws', 'wss://example.org/mood/v1/stream'],
  ['https://example.org/mood/index.html', 'socket.io', 'wss://example.org/mood/v1/live'],
] as const)('of the page %s over %s', (page, transport, url) =>
  expect(serverAddress({ transport }, page)).toEqual({ url, transport }),
);
