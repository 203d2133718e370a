#!/usr/bin/env node
// Starts the command line: from source in a clone with its development packages, from dist/ in an installation.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { requireNode } from './require-node.mjs';

requireNode();

const source = new URL('../cli.ts', import.meta.url);
const built = new URL('../dist/cli.js', import.meta.url);

async function tsx() {
  try {
    return await import('tsx/esm/api');
  } catch {
    return undefined;
  }
}

const loader = existsSync(fileURLToPath(source)) ? await tsx() : undefined;
if (loader !== undefined) {
  loader.register();
  await import(source.href);
} else if (existsSync(fileURLToPath(built))) {
  await import(built.href);
} else {
  process.stderr.write('undertone: not installed: run `npm ci --include=dev` or `npm run build` in the clone first\n');
  process.exitCode = 3;
}
