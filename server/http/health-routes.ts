import { Router } from 'express';
import type { ModelInfo } from '../../models/model.ts';

export interface HealthDeps {
  readonly info: ModelInfo;
  readonly draining: () => boolean;
  readonly overloaded: () => boolean;
  readonly sessions: () => { attached: number; detached: number };
}

/** `/healthz`: the process answers. `/readyz`: new sessions are welcome, and what runs where. */
export function healthRoutes(deps: HealthDeps): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', (_request, response) => {
    const draining = deps.draining();
    const overloaded = deps.overloaded();
    const ready = !draining && !overloaded;
    const { name, version, sha256, device } = deps.info;
    if (!ready) response.set('Retry-After', '5');
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ready, draining, overloaded, bundle: { name, version, sha256 }, device, sessions: deps.sessions() });
  });
  return router;
}
