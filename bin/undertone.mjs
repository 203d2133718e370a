#!/usr/bin/env node
// Starts the command line: from source in a clone with its development packages, from dist/ in an installation.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const source = new URL('cli.ts', root);
const built = new URL('dist/cli.js', root);

function tsxLoader() {
  try {
    return createRequire(import.meta.url).resolve('tsx/esm/api');
  } catch {
    return undefined;
  }
}

const loader = existsSync(fileURLToPath(source)) ? tsxLoader() : undefined;
if (loader !== undefined) {
  const { register } = await import(loader);
  register();
  await import(source.href);
} else if (existsSync(fileURLToPath(built))) {
  await import(built.href);
} else {
  process.stderr.write('undertone: not built: run `npm ci && npm run build` in the clone first\n');
  process.exitCode = 3;
}
