import { z } from 'zod';
import { Manifest } from '../../models/bundle/manifest.ts';
import { ErrorBody } from './error-body.ts';
import { Health, Ready } from './health-routes.ts';

interface Answer {
  readonly description: string;
  /** Name of a schema of the components, of what is JSON. */
  readonly schema?: string;
  /** Media type of what is text. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP side of the service as OpenAPI 3.1, from the same schemas that the code uses. */
export function openApiDocument(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Undertone',
      version: '1',
      description: 'Live sentiment from video and captions. Streaming is described in /v1/asyncapi.json.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative to this document, which a proxy may serve below a path of its own.
    servers: [{ url: '..' }],
    security: [],
    paths: {
      '/healthz': get('health', 'Whether the process answers', { 200: json('It does', 'Health') }),
      '/readyz': get('ready', 'Whether new sessions are welcome, and what runs where', {
        200: json('Ready', 'Ready'),
        503: {
          ...json('Draining, overloaded, or no inference process is able to run', 'Ready'),
          headers: { 'Retry-After': 'Seconds until it is worth asking again' },
        },
      }),
      '/metrics': get('metrics', 'Prometheus metrics', { 200: { description: 'Metrics', text: 'text/plain' } }),
      '/v1/bundle': get('bundle', 'Manifest of the bundle that is served', {
        200: json('The manifest', 'Manifest'),
        404: json('The model came without one', 'Error'),
      }),
      '/v1/bundle/card': get('bundleCard', 'Model card of the bundle', {
        200: { description: 'Markdown', text: 'text/markdown' },
        404: json('The model came without one', 'Error'),
      }),
      '/v1/stream': get('stream', 'The WebSocket of /v1/asyncapi.json', {
        101: { description: 'The WebSocket is open' },
        403: json('The page is of an origin that may not connect', 'Error'),
        426: json('The request does not ask for a WebSocket', 'Error'),
        429: json('Too many connections from this address', 'Error'),
      }),
      '/v1/openapi.json': get('openapi', 'This document', { 200: json('OpenAPI', 'Document') }),
      '/v1/asyncapi.json': get('asyncapi', 'The streaming protocol', { 200: json('AsyncAPI', 'Document') }),
    },
    components: {
      schemas: {
        Health: schemaOf(Health),
        Ready: schemaOf(Ready),
        Manifest: schemaOf(Manifest),
        Error: schemaOf(ErrorBody),
        Document: { type: 'object' },
      },
    },
  };
}

function json(description: string, schema: string): Answer {
  return { description, schema };
}

/** As a receiver takes it: there may be fields that this version does not know. */
function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}

function get(operationId: string, summary: string, answers: Record<number, Answer>): object {
  const responses = Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)]);
  return { get: { operationId, summary, responses: Object.fromEntries(responses) } };
}

function responseOf({ description, schema, text, headers }: Answer): object {
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, what]) => [name, { description: what, schema: { type: 'string' } }]),
      ),
    }),
    ...(schema && { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } }),
    ...(text && { content: { [text]: { schema: { type: 'string' } } } }),
  };
}
