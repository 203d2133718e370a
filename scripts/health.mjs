// The image's health check: whether the server answers where it listens. `node scripts/health.mjs [PID of the server]`
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { parseArgs } from 'node:util';

const [pid = '1'] = process.argv.slice(2);
// As the kernel keeps it, or within one argument of a shell; tini has its own `--` before the program.
const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  .split(/[\0\s]+/)
  .filter((arg) => arg !== '--');
const options = { host: { type: 'string' }, port: { type: 'string' } };
const { values } = parseArgs({ args, options, strict: false });

const host = values.host || process.env.UNDERTONE_HOST || '127.0.0.1';
const port = values.port || process.env.UNDERTONE_PORT || '8080';
const name = host.replace(/^\[(.*)\]$/, '$1');
const everywhere = name === '0.0.0.0' || name === '::';
const at = everywhere ? '127.0.0.1' : isIPv6(name) ? `[${name}]` : name;
try {
  const { ok } = await fetch(`http://${at}:${port}/healthz`);
  process.exitCode = ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
