import { join } from 'node:path';
import compression from 'compression';
import { Router, static as serveFiles } from 'express';

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Undertone</title>
<style>body { font: 16px/1.5 system-ui; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>Undertone is running</h1>
<p>The service answers, but its page is not built. Run <code>npm run build</code> in the clone and reload.</p>
<p>Streaming works without the page: WebSocket at <code>/v1/stream</code>, socket.io at <code>/v1/live</code>;
see <a href="/v1/asyncapi.json">/v1/asyncapi.json</a> and <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>
</html>
`;

/**
 * The built page, compressed as the browser takes it; never in parts, which a compressed answer has none of. Files under
 * assets/ carry a hash in their name and never change.
 */
export function page(webDir: string): Router {
  const router = Router();
  router.use(compression());
  router.use(
    '/assets',
    serveFiles(join(webDir, 'assets'), {
      immutable: true,
      maxAge: '1y',
      index: false,
      fallthrough: false,
      acceptRanges: false,
    }),
  );
  router.use(serveFiles(webDir, { index: 'index.html', dotfiles: 'ignore', maxAge: 0, acceptRanges: false }));
  router.get('/', (_request, response) => {
    response.status(503).type('html').send(NOT_BUILT);
  });
  return router;
}
