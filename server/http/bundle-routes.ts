import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Router } from 'express';
import { errorBody } from './error-body.ts';
import type { Response } from 'express';
import type { ModelInfo } from '../../models/model.ts';

/** The manifest and the model card of the bundle that is served. */
export function bundleRoutes(info: ModelInfo, bundleDir: string | undefined): Router {
  const router = Router();
  router.get('/bundle', (_request, response) => send(response, info, bundleDir, 'manifest.json', 'json'));
  router.get('/bundle/card', (_request, response) => send(response, info, bundleDir, 'MODEL_CARD.md', 'text/markdown'));
  return router;
}

async function send(
  response: Response,
  info: ModelInfo,
  bundleDir: string | undefined,
  file: string,
  type: string,
): Promise<void> {
  const text =
    bundleDir === undefined ? undefined : await readFile(join(bundleDir, file), 'utf8').catch(() => undefined);
  if (text === undefined) {
    const message = `${info.name}@${info.version} comes without ${file}`;
    response.status(404).json(errorBody('no_such_file', message));
    return;
  }
  response
    .set('ETag', `"${info.sha256.slice(0, 32)}-${file}"`)
    .type(type)
    .send(text);
}
