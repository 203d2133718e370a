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
let microphone: EventEmitter;
let heard: unknown[];
let captions: string[];
let printed: unknown[][];

beforeEach(() => {
  heard = [];
  recogniser = Object.assign(new EventEmitter(), { send: (chunk: unknown) => heard.push(chunk) });
  microphone = new EventEmitter();
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
    process: { env: {} },
    microphone,
    performance,
    console: { log: print, error: print },
  });
});

const turn = (transcript: string): Buffer =>
  Buffer.from(JSON.stringify({ type: 'Turn', turn_order: 0, end_of_turn: true, transcript, words: [] }));

test('the example of docs/captions.md sends the sound to a recogniser, and what that says to the server', () => {
  recogniser.emit('open');
  microphone.emit('data', Buffer.of(1, 2));
  expect(heard).toEqual([Buffer.of(1, 2)]);
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
