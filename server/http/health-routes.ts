import { Router } from 'express';
import { z } from 'zod';
import type { ModelInfo } from '../../models/model.ts';

export const Health = z.object({ status: z.literal('ok') });
export const Ready = z.object({
  ready: z.boolean(),
  draining: z.boolean(),
  overloaded: z.boolean(),
  bundle: z.object({ name: z.string(), version: z.string(), sha256: z.string() }),
  device: z.object({ provider: z.string(), name: z.string(), workers: z.int() }),
  sessions: z.object({ attached: z.int(), detached: z.int() }),
});

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
    response.set('Cache-Control', 'no-store').json({ status: 'ok' } satisfies z.infer<typeof Health>);
  });
  router.get('/readyz', (_request, response) => {
    const draining = deps.draining();
    const overloaded = deps.overloaded();
    const ready = !draining && !overloaded;
    const { name, version, sha256, device } = deps.info;
    if (!ready) response.set('Retry-After', '5');
    const bundle = { name, version, sha256 };
    const body: z.infer<typeof Ready> = { ready, draining, overloaded, bundle, device, sessions: deps.sessions() };
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json(body);
  });
  return router;
}
