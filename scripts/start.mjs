// `npm start`: installs and builds what is missing, then serves.
import { spawn } from 'node:child_process';
import { ensureBuilt, ensureInstalled, program } from './setup.mjs';

ensureInstalled();
ensureBuilt();
const server = spawn(process.execPath, [program, 'serve', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The terminal's Ctrl-C reaches the server too; a service manager's signal reaches only this process.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));
process.on('SIGHUP', () => server.kill('SIGHUP'));
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
