import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from '../../../pipeline/protocol/asyncapi.ts';
import { ClientMessage, ServerMessage } from '../../../pipeline/protocol/index.ts';

/** Every `$ref` in the document, with what it points at. */
function references(document: object): [string, unknown][] {
  const found: [string, unknown][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === '$ref' && typeof child === 'string') found.push([child, resolve(document, child)]);
      else visit(child);
    }
  };
  visit(document);
  return found;
}

function resolve(document: object, pointer: string): unknown {
  let value: unknown = document;
  for (const part of pointer.slice(2).split('/')) value = (value as Record<string, unknown> | undefined)?.[part];
  return value;
}

const nameOf = (message: { $ref: string }): string => message.$ref.split('/').at(-1) ?? '';
const typeOf = (option: { shape: { type: { value: string } } }): string => option.shape.type.value;

describe('asyncApiDocument', () => {
  const document = asyncApiDocument() as {
    asyncapi: string;
    operations: Record<
      string,
      { action: string; messages: { $ref: string }[]; reply?: { messages: { $ref: string }[] } }
    >;
    components: { messages: Record<string, { payload: { required: string[]; properties: object } }> };
  };

  it('is plain JSON of version 3 whose references resolve', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(document.asyncapi).toBe('3.0.0');
    const found = references(document);
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter(([, target]) => target === undefined)).toEqual([]);
  });

  it('lists every message in its direction', () => {
    const { receiveFromClient, sendToClient } = document.operations;
    expect(receiveFromClient?.messages.map(nameOf)).toEqual([...ClientMessage.options.map(typeOf), 'video_frame']);
    expect(sendToClient?.messages.map(nameOf)).toEqual(ServerMessage.options.map(typeOf));
  });

  it('has what observers ask, are answered and get', () => {
    const { observe, sendToObserver } = document.operations;
    expect(observe?.action).toBe('receive');
    expect(observe?.messages.map(nameOf)).toEqual(['observe']);
    expect(observe?.reply?.messages.map(nameOf)).toEqual(['observe_reply']);
    expect(document.components.messages['observe']?.payload.required).toEqual(['type', 'session_id', 'token']);
    expect(document.components.messages['observe_reply']?.payload.required).toEqual(['ok']);
    const types = ServerMessage.options.map(typeOf);
    expect(sendToObserver?.messages.map(nameOf)).toEqual(types.filter((type) => type !== 'credit'));
  });

  it('forbids unknown fields in what the server takes, and in nothing that later servers send', () => {
    const { messages } = document.components;
    const strict = (type: string): boolean => JSON.stringify(messages[type]).includes('"additionalProperties":false');
    expect(ClientMessage.options.map(typeOf).filter((type) => !strict(type))).toEqual([]);
    expect(ServerMessage.options.map(typeOf).filter(strict)).toEqual([]);
  });

  it('lets a sender leave out what has a default', () => {
    const loss = JSON.stringify(document.components.messages['modality.set']?.payload);
    expect(loss).toContain('"required":["rate"]');
  });
});
