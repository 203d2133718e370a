import { describe, expect, test } from 'vitest';
import {
  Cause,
  ClientMessage,
  CLOSE,
  encodeFrame,
  FRAME_HEADER_BYTES,
  Observe,
  parseClientMessage,
  ResultState,
  ServerMessage,
  Source,
} from '../../pipeline/protocol/index.ts';
import { readDoc, tableRows } from './tables.ts';

const DOC = readDoc('protocol.md');
const ROWS = tableRows(DOC);

function blocks(language: string): string[] {
  return [...DOC.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, body = '']) => body);
}

const examples = blocks('json').map((text) => JSON.parse(text) as { readonly type: string });
const clientTypes: readonly string[] = ClientMessage.options.map(({ shape }) => shape.type.value);
const serverTypes: readonly string[] = ServerMessage.options.map(({ shape }) => shape.type.value);

/** What the protocol makes of a message: the message itself when all of it is known and valid. */
function understood(message: { readonly type: string }): unknown {
  if (message.type === 'observe') return Observe.parse(message);
  if (!clientTypes.includes(message.type)) return ServerMessage.parse(message);
  const parsed = parseClientMessage(JSON.stringify(message));
  return parsed.message;
}

function keysUnder(heading: string): string[] {
  return (ROWS.get(heading) ?? []).map(({ key }) => key);
}

describe('docs/protocol.md', () => {
  test('shows every message', () => {
    const shown = new Set(examples.map(({ type }) => type));
    expect([...shown].sort()).toEqual([...clientTypes, ...serverTypes, 'observe'].sort());
  });

  test.each(examples.map((message, i) => [message.type, i, message] as const))(
    'example of %s (%i) is valid to the last field',
    (_type, _i, message) => {
      expect(understood(message)).toEqual(message);
    },
  );

  test('a field that the protocol does not have would be noticed', () => {
    const message = { type: 'credit', frames: 1, bytes: 2 };
    expect(understood(message)).not.toEqual(message);
    expect(understood({ type: 'keepalive', now: 1 } as { type: string })).toMatch(/now/);
  });

  test('the frame header is the one that is written', () => {
    const header = encodeFrame({ seq: 42, ptsMs: 1000, image: new Uint8Array(1) }).subarray(0, FRAME_HEADER_BYTES);
    const hex = Array.from(header, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    expect(blocks('text').map((text) => text.trim())).toEqual([hex]);
  });

  test('states, sources and causes are those of the schemas', () => {
    const values = keysUnder('sentiment.result');
    const headings = new Set(['state', 'source', 'cause']);
    expect(values.filter((key) => !headings.has(key))).toEqual([
      ...ResultState.options,
      ...Source.options.toSorted((a, b) => SOURCE_ORDER.indexOf(a) - SOURCE_ORDER.indexOf(b)),
      ...Cause.options,
    ]);
  });

  test('close codes are those of the protocol', () => {
    const rows = ROWS.get('Close codes') ?? [];
    const said = rows.map(({ key, cells }) => [cells[1]?.replaceAll('`', ''), Number(key)]);
    expect(said).toEqual(Object.entries(CLOSE));
  });
});

const SOURCE_ORDER: readonly string[] = ['observed', 'mixed', 'virtual', 'absent'];
