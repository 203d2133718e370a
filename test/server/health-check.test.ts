import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readDoc } from '../docs/tables.ts';
import { freePort } from '../support/free-port.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import type { Bundle } from '../../models/bundle/bundle.ts';

let bundle: Bundle;
beforeAll(async () => {
  bundle = await writeTinyBundle({ windowMs: 1000, hopMs: 250 });
});

/** Exit status of the image's health check, with the process `pid` in the place of the image's first. */
async function check(pid: number | undefined, env: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, ['scripts/health.mjs', String(pid)], { env: { ...process.env, ...env } });
  const [status] = (await once(child, 'exit')) as [number];
  return status;
}

test.skipIf(!existsSync('/proc/self/cmdline')).each([
  ['--port and --host', (port: number) => [['--port', `${port}`, '--host', '127.0.0.2'], {}] as const],
  ['UNDERTONE_PORT', (port: number) => [[], { UNDERTONE_PORT: `${port}` }] as const],
])(
  'the health check of the image asks where the server listens: %s',
  async (_, where) => {
    const [options, own] = where(await freePort());
    // As the image sets it; nobody listens there.
    const env = { UNDERTONE_HOST: '0.0.0.0', UNDERTONE_PORT: `${await freePort()}`, ...own };
    const args = ['bin/undertone.mjs', 'serve', '--bundle', bundle.dir, '--workers', '1', ...options];
    const server = spawn(process.execPath, args, {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { ...process.env, UNDERTONE_LOG_LEVEL: 'silent', ...env },
    });
    try {
      expect(await check(server.pid, env)).toBe(1);
      await once(server.stderr, 'data');
      expect(await check(server.pid, env)).toBe(0);
    } finally {
      server.kill();
      await once(server, 'exit');
    }
  },
  60_000,
);

test('the image has it and runs it, and the server, whatever the working folder', () => {
  const image = readFileSync('Dockerfile', 'utf8');
  const [, program] = /^HEALTHCHECK[^]*?CMD \["node", "\/app\/(.*)"\]$/m.exec(image) ?? [];
  expect(image).toContain(`\nCOPY --from=build /app/${program} ./${program}\n`);
  const [, server = ''] = /^ENTRYPOINT \[.*"node", "\/app\/(.*)"\]$/m.exec(image) ?? [];
  expect(existsSync(server)).toBe(true);
  expect(image).toContain(`\nCOPY --from=build /app/${dirname(server)} ./${dirname(server)}\n`);
});

test('its user, who is named by number for `runAsNonRoot`, owns the folder of the models before a volume is mounted there', () => {
  const image = readFileSync('Dockerfile', 'utf8');
  const last = image.slice(image.lastIndexOf('\nFROM '), image.lastIndexOf('\nUSER 1000:1000\n'));
  const [, folder] = / UNDERTONE_MODELS_DIR=(\/\S+)$/m.exec(last) ?? [];
  expect(last).toContain(`\nRUN mkdir -p ${folder} && chown node:node ${folder}\n`);
  const saids = [` -v models:${folder} `, `mountPath: ${folder} `, "the image's user `node`, 1000,", 'fsGroup: 1000 '];
  for (const said of saids) expect(readDoc('deploy.md')).toContain(said);
});

test('what the image has can be read by who runs it, whatever the umask of the clone', () => {
  const image = readFileSync('Dockerfile', 'utf8');
  const [, readable = ''] = /chmod -R a\+rX (.*)$/m.exec(image) ?? [];
  const last = image.slice(image.lastIndexOf('\nFROM '));
  const copied = [...last.matchAll(/^COPY (.*) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
  expect(copied).toContain('/app/dist');
  const others = copied.filter((path) => !path.startsWith('--from=') && path !== '/app/node_modules');
  expect(others.filter((path) => !readable.split(' ').some((name) => `${path}/`.startsWith(`/app/${name}/`)))).toEqual(
    [],
  );
});
