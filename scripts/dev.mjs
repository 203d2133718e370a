// `npm run dev`: the server restarts and the page is rebuilt as their sources change.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './setup.mjs';

ensureInstalled();
ensureBuilt({ webOnly: true });
const bin = (name) => join(root, 'node_modules', '.bin', name);
const children = [
  spawn(bin('vite'), ['build', '--watch', '--logLevel', 'warn', 'client/web'], { cwd: root, stdio: 'inherit' }),
  spawn(bin('tsx'), ['watch', 'cli.ts', 'serve', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' }),
];
const stop = () => children.forEach((child) => child.kill('SIGTERM'));
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
