import { z } from 'zod';
import { FRAME_HEADER_BYTES } from './binary-frame.ts';
import { ClientMessage } from './client-messages.ts';
import { CLOSE } from './close-codes.ts';
import { PROTOCOL_VERSION } from './primitives.ts';
import { ServerMessage } from './server-messages.ts';

const FRAME = 'video_frame';

/**
 * The AsyncAPI 3.0 document of the wire protocol, generated from the schemas that the server itself checks with.
 *
 * One channel over two transports: WebSocket at `/v1/stream`, and the same messages as socket.io events at `/v1/live`.
 */
export function asyncApiDocument(): object {
  const fromClient = ClientMessage.options.map(messageOf);
  const fromServer = ServerMessage.options.map(messageOf);
  const channel = { $ref: '#/channels/stream' };
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Undertone live sentiment',
      version: `${PROTOCOL_VERSION}.0.0`,
      description: 'Frames and captions in, sentiment with its provenance out. Every time ends in `_ms`.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      stream: {
        address: '/v1/stream',
        description: [
          'WebSocket; also socket.io at the namespace `/v1/live`, where the event is the message type.',
          `Close codes: ${Object.entries(CLOSE)
            .map(([name, code]) => `${code} ${name}`)
            .join(', ')}.`,
        ].join(' '),
        messages: Object.fromEntries(
          [...names([...fromClient, ...fromServer]), FRAME].map((name) => [
            name,
            { $ref: `#/components/messages/${name}` },
          ]),
        ),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
    },
    operations: {
      receiveFromClient: {
        action: 'receive',
        channel,
        summary: 'What a client sends.',
        messages: refs([...names(fromClient), FRAME]),
      },
      sendToClient: {
        action: 'send',
        channel,
        summary: 'What the server sends.',
        messages: refs(names(fromServer)),
      },
    },
    components: {
      messages: {
        ...Object.fromEntries([...fromClient, ...fromServer].map((message) => [message.name, message])),
        [FRAME]: {
          name: FRAME,
          contentType: 'application/octet-stream',
          summary: `One video frame: a ${FRAME_HEADER_BYTES}-byte little-endian header and a JPEG, WebP or PNG file.`,
          description:
            'Header: version u8 = 1, kind u8 = 1, flags u16 = 0, seq u32, pts_ms f64 (whole milliseconds of media time).',
          payload: { type: 'string', format: 'binary' },
        },
      },
    },
  };
}

function names(messages: readonly { name: string }[]): string[] {
  return messages.map(({ name }) => name);
}

function refs(messages: readonly string[]): object[] {
  return messages.map((name) => ({ $ref: `#/channels/stream/messages/${name}` }));
}

type Option = (typeof ClientMessage.options)[number] | (typeof ServerMessage.options)[number];

/** As a receiver takes it: the server's own messages may have fields that this version does not know. */
function messageOf(schema: Option): { name: string; contentType: string; payload: object } {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { name: schema.shape.type.value, contentType: 'application/json', payload };
}
