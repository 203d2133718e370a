import { zodConfig } from './setup-zod.ts';
import { App } from './app.ts';

Object.freeze(zodConfig);

const query = new URLSearchParams(location.search);
const app = new App({
  transport: query.get('transport') === 'socket.io' ? 'socket.io' : 'ws',
  token: query.get('token') ?? undefined,
});

const source = query.get('source');
if (source === 'sample' || source === 'camera') void app.start(source);
