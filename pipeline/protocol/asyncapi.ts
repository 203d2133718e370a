import * as z from 'zod';
import { FRAME_HEADER_BYTES } from './binary-frame.ts';
import { ClientMessage } from './client-messages.ts';
import { CLOSE } from './close-codes.ts';
import { Observe, ObserveReply } from './observe.ts';
import { PROTOCOL_VERSION } from './primitives.ts';
import { ServerMessage } from './server-messages.ts';

const FRAME = 'video_frame';
/** The acknowledgement of `observe`, which is no event of its own. */
const REPLY = 'observe_reply';

/**
 * The AsyncAPI 3.0 document of the wire protocol, generated from the schemas that the server itself checks with.
 *
 * Sessions have one channel over two transports: WebSocket at `/v1/stream`, and the same messages as socket.io events at
 * `/v1/live`. Observers have the latter alone.
 */
export function asyncApiDocument(): object {
  const fromClient = ClientMessage.options.map(typedMessage);
  const fromServer = ServerMessage.options.map(typedMessage);
  const toObserver = names(fromServer).filter((name) => name !== 'credit');
  const [observe, reply] = [messageOf('observe', Observe), messageOf(REPLY, ObserveReply)];
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
        messages: shared([...names([...fromClient, ...fromServer]), FRAME]),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
      observers: {
        address: '/v1/live',
        description: [
          'socket.io namespace: a connection that opens no session may watch one, read-only.',
          'What it gets of the session has no tokens.',
        ].join(' '),
        messages: shared([observe.name, reply.name, ...toObserver]),
      },
    },
    operations: {
      receiveFromClient: {
        action: 'receive',
        summary: 'What a client sends.',
        ...over('stream', [...names(fromClient), FRAME]),
      },
      sendToClient: {
        action: 'send',
        summary: 'What the server sends.',
        ...over('stream', names(fromServer)),
      },
      observe: {
        action: 'receive',
        summary: 'Asks to watch a session; the reply is the acknowledgement.',
        ...over('observers', [observe.name]),
        reply: over('observers', [reply.name]),
      },
      sendToObserver: {
        action: 'send',
        summary: 'What an observer gets: everything of the session but `credit`.',
        ...over('observers', toObserver),
      },
    },
    components: {
      messages: {
        ...Object.fromEntries([...fromClient, ...fromServer, observe, reply].map((message) => [message.name, message])),
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

/** Messages of a channel, by name. */
function shared(messages: readonly string[]): object {
  return Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
}

/** Some of a channel's messages. */
function over(channel: 'stream' | 'observers', messages: readonly string[]): object {
  return {
    channel: { $ref: `#/channels/${channel}` },
    messages: messages.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
  };
}

interface Message {
  readonly name: string;
  readonly contentType: string;
  readonly payload: object;
}

type Option = (typeof ClientMessage.options)[number] | (typeof ServerMessage.options)[number];

function typedMessage(schema: Option): Message {
  return messageOf(schema.shape.type.value, schema);
}

/** As a receiver takes it: the server's own messages may have fields that this version does not know. */
function messageOf(name: string, schema: z.ZodType): Message {
  const { $schema: _, ...payload } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return { name, contentType: 'application/json', payload };
}
