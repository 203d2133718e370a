import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const server = process.env['UNDERTONE_DEV_SERVER'] || 'http://127.0.0.1:8080';

/** Builds the page into dist/web; `vite client/web` serves it while developing, with the streams of a running server. */
export default defineConfig({
  root: here('.'),
  base: './',
  publicDir: here('public'),
  build: { outDir: here('../../dist/web'), emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false } },
  server: { proxy: { '/v1': { target: server, ws: true }, '/socket.io': { target: server, ws: true } } },
});
