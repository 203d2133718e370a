// `npm run dev`: the server restarts and the page is rebuilt as their sources change.
import { spawn } from 'node:child_process';
import { binPath, ensureBuilt, ensureInstalled, root } from './setup.mjs';

ensureInstalled();
ensureBuilt({ webOnly: true });
const start = (name, args) => spawn(process.execPath, [binPath(name), ...args], { cwd: root, stdio: 'inherit' });
const children = [
  start('vite', ['build', '--watch', '--logLevel', 'warn', 'client/web']),
  start('tsx', ['watch', 'cli.ts', 'serve', ...process.argv.slice(2)]),
];
const stop = () => children.forEach((child) => child.kill('SIGTERM'));
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
