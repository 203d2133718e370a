import { z } from 'zod';
import { Manifest } from '../../models/bundle/manifest.ts';
import { ErrorBody } from './error-body.ts';
import { Health, Ready } from './health-routes.ts';

interface Answer {
  readonly description: string;
  readonly type?: string;
  readonly schema?: string;
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
    paths: {
      '/healthz': get('health', 'Whether the process answers', { 200: json('It does', 'Health') }),
      '/readyz': get('ready', 'Whether new sessions are welcome, and what runs where', {
        200: json('Ready', 'Ready'),
        503: json('Draining or overloaded', 'Ready'),
      }),
      '/metrics': get('metrics', 'Prometheus metrics', { 200: { description: 'Metrics', type: 'text/plain' } }),
      '/v1/bundle': get('bundle', 'Manifest of the bundle that is served', {
        200: json('The manifest', 'Manifest'),
        404: json('The model came without one', 'Error'),
      }),
      '/v1/bundle/card': get('bundleCard', 'Model card of the bundle', {
        200: { description: 'Markdown', type: 'text/markdown' },
        404: json('The model came without one', 'Error'),
      }),
      '/v1/stream': get('stream', 'The WebSocket of /v1/asyncapi.json', {
        426: json('The request does not ask for a WebSocket', 'Error'),
      }),
      '/v1/openapi.json': get('openapi', 'This document', {
        200: { description: 'OpenAPI', type: 'application/json' },
      }),
      '/v1/asyncapi.json': get('asyncapi', 'The streaming protocol', {
        200: { description: 'AsyncAPI', type: 'application/json' },
      }),
    },
    components: {
      schemas: {
        Health: z.toJSONSchema(Health),
        Ready: z.toJSONSchema(Ready),
        Manifest: z.toJSONSchema(Manifest, { io: 'input' }),
        Error: z.toJSONSchema(ErrorBody),
      },
    },
  };
}

function json(description: string, schema: string): Answer {
  return { description, schema };
}

function get(operationId: string, summary: string, answers: Record<number, Answer>): object {
  const responses = Object.entries(answers).map(([status, { description, type = 'application/json', schema }]) => [
    status,
    {
      description,
      content: { [type]: { schema: schema ? { $ref: `#/components/schemas/${schema}` } : { type: 'string' } } },
    },
  ]);
  return { get: { operationId, summary, responses: Object.fromEntries(responses) } };
}
