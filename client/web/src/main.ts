import { zodConfig } from './setup-zod.ts';
import { App } from './app.ts';
import { forgetForReload, keepForReload, takeAfterReload } from './reload.ts';

Object.freeze(zodConfig);

const query = new URLSearchParams(location.search);
const app = new App({
  transport: query.get('transport') === 'socket.io' ? 'socket.io' : 'ws',
  token: query.get('token') ?? undefined,
});

const reloaded = takeAfterReload();
const source = query.get('source');
if (reloaded) void app.resume(reloaded);
else if (source === 'sample' || source === 'camera') void app.start(source);

addEventListener('pagehide', () => {
  const running = app.running();
  if (running) keepForReload(running);
  else forgetForReload();
});
