import express from 'express';
import { asyncApiDocument } from '../../pipeline/protocol/asyncapi.ts';
import { bundleRoutes } from './bundle-routes.ts';
import { WS_PATH } from '../edge/ws-edge.ts';
import { errorBody } from './error-body.ts';
import { securityHeaders } from './headers.ts';
import { healthRoutes } from './health-routes.ts';
import { openApiDocument } from './openapi.ts';
import { page } from './page.ts';
import { upgradeRequired } from './upgrade-required.ts';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import type { Logger } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { HealthDeps } from './health-routes.ts';

export interface AppDeps extends HealthDeps {
  /** Folder of the bundle, for its manifest and card; undefined when the model came without one. */
  readonly bundleDir: string | undefined;
  readonly webDir: string;
  readonly metrics: ServerMetrics;
  readonly log: Logger;
}

/** Everything that is plain HTTP. Every error is `{error: {code, message, request_id}}`. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(securityHeaders);
  app.use(healthRoutes(deps));
  app.use('/v1', bundleRoutes(deps.info, deps.bundleDir));
  app.get('/v1/openapi.json', once(openApiDocument));
  app.get('/v1/asyncapi.json', once(asyncApiDocument));
  app.get(WS_PATH, upgradeRequired);
  app.get('/metrics', async ({ url }, response, next) => {
    // A proxy that keeps this address inside goes by its exact letters; the router takes others for it, as `/metrics/`.
    if (!/^\/metrics(\?|$)/.test(url)) return next();
    const { registry } = deps.metrics;
    response.type(registry.contentType).send(await registry.metrics());
  });
  app.use(page(deps.webDir));
  app.use((_request, response) => {
    response.status(404).json(errorBody('not_found', 'there is nothing at this address'));
  });
  app.use(onError(deps.log));
  return app;
}

/** Answers with a document that is made when it is first asked for. */
function once(make: () => unknown): RequestHandler {
  let made: unknown;
  return (_request, response) => {
    response.json((made ??= make()));
  };
}

function onError(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status < 500) {
      response
        .status(status)
        .json(errorBody(status === 404 ? 'not_found' : 'bad_request', 'the request cannot be answered'));
      return;
    }
    const body = errorBody('internal', 'the server failed; its log has this request_id');
    log.error({ err: error, request_id: body.error.request_id }, 'request failed');
    response.status(500).json(body);
  };
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
