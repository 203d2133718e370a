import { z } from 'zod';

// Schemas are interpreted instead of compiled, as the page's policy forbids code from strings. The protocol makes its
// schemas when it is imported, so that comes after.
z.config({ jitless: true });
const { App } = await import('./app.ts');

const query = new URLSearchParams(location.search);
const app = new App({
  transport: query.get('transport') === 'socket.io' ? 'socket.io' : 'ws',
  token: query.get('token') ?? undefined,
});

const source = query.get('source');
if (source === 'sample' || source === 'camera') void app.start(source);
