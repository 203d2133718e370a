import { EventEmitter } from 'node:events';
import { runInNewContext } from 'node:vm';
import { beforeEach, expect, test } from 'vitest';
import { assemblyAiCaptions } from '../../client/sdk/index.ts';
import { gist } from '../client/sdk/captions/gist.ts';
import { readDoc } from './tables.ts';
import type { CaptionInput } from '../../client/sdk/index.ts';

/** The example of docs/captions.md with a recogniser's connection, with its imports given. */
const [, EXAMPLE = ''] = /^```js\n(import .*?)^```$/ms.exec(readDoc('captions.md')) ?? [];

let recogniser: EventEmitter;
let captions: string[];
let printed: unknown[][];

beforeEach(() => {
  recogniser = new EventEmitter();
  captions = [];
  printed = [];
  const print = (...words: unknown[]): void => void printed.push(words);
  const client = { on: () => undefined, sendCaption: (caption: CaptionInput) => captions.push(gist(caption)) };
  runInNewContext(EXAMPLE.replaceAll(/^import .*$/gm, ''), {
    assemblyAiCaptions: () => assemblyAiCaptions({ prefix: 'p' }),
    connect: () => client,
    WebSocket: function Socket() {
      return recogniser;
    },
    key: 'secret',
    performance,
    console: { log: print, error: print },
  });
});

const turn = (transcript: string): Buffer =>
  Buffer.from(JSON.stringify({ type: 'Turn', turn_order: 0, end_of_turn: true, transcript, words: [] }));

test('the example of docs/captions.md sends what a recogniser says', () => {
  recogniser.emit('message', turn('hello'));
  expect(captions).toEqual([expect.stringContaining('final 0-0 hello')]);
});

test.each(['{"error":"Not authorized"}', '{"err_code":"INVALID_AUTH","err_msg":"no"}', 'no JSON'])(
  'the example of docs/captions.md tells of %s and goes on',
  (message) => {
    recogniser.emit('message', Buffer.from(message));
    expect(printed).toEqual([[expect.stringContaining('not a message of AssemblyAI'), message]]);
    recogniser.emit('message', turn('hello'));
    expect(captions).toHaveLength(1);
  },
);

test('the example of docs/captions.md outlives a recogniser that refuses it', () => {
  recogniser.emit('error', new Error('Unexpected server response: 401'));
  expect(printed).toEqual([['Unexpected server response: 401']]);
});
