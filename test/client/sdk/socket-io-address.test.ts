import { expect, test } from 'vitest';
import { socketIoAddress } from '../../../client/sdk/transport/socket-io-address.ts';

test.each([
  ['ws://localhost:8080/v1/live', 'http://localhost:8080/v1/live', '/socket.io/'],
  ['wss://example.org/v1/live?a=b', 'https://example.org/v1/live?a=b', '/socket.io/'],
  ['https://example.org/mood/v1/live', 'https://example.org/v1/live', '/mood/socket.io/'],
  ['ws://localhost:8080/other', 'http://localhost:8080/other', '/socket.io/'],
])('%s', (url, address, path) => expect(socketIoAddress(url)).toEqual({ address, path }));
