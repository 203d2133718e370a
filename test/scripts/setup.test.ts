import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const clone = mkdtempSync(join(tmpdir(), 'undertone-setup-'));
afterAll(() => rmSync(clone, { recursive: true, force: true }));

/** A clone with one package, which is for development and in a folder of it, and what `npm run` would call. */
beforeAll(() => {
  for (const name of ['scripts/setup.mjs', 'bin/require-node.mjs']) cpSync(name, join(clone, name));
  const tool = { name: 'tool', version: '1.0.0', bin: { tool: 'tool.mjs' } };
  const own = { name: 'clone', devDependencies: { tool: 'file:tool' } };
  const packages = { '': own, 'node_modules/tool': { resolved: 'tool', link: true }, tool: { ...tool, dev: true } };
  mkdirSync(join(clone, 'tool'));
  write('tool/package.json', JSON.stringify(tool));
  write('tool/tool.mjs', `#!/usr/bin/env node\nconsole.log('the tool runs');\n`);
  write('package.json', JSON.stringify(own));
  write('package-lock.json', JSON.stringify({ name: 'clone', lockfileVersion: 3, requires: true, packages }));
  write(
    'use.mjs',
    `import { ensureInstalled, runBin } from './scripts/setup.mjs'; ensureInstalled(); runBin('tool', []);`,
  );
});

function write(name: string, text: string): void {
  writeFileSync(join(clone, name), text);
}

function run(program: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NODE_ENV: 'production' };
  return spawnSync(program, args, { cwd: clone, encoding: 'utf8', shell: process.platform === 'win32', env });
}

test('packages for development are installed in production, too', () => {
  const { status, stdout } = run('node', 'use.mjs');
  expect([status, stdout]).toEqual([0, expect.stringContaining('the tool runs')]);
}, 90_000);

test('commands of packages need no program in .bin, where Windows has scripts for its shell', () => {
  expect(run('npm', 'ci', '--offline', '--include=dev').status).toBe(0);
  rmSync(join(clone, 'node_modules', '.bin'), { recursive: true });
  const { status, stdout } = run('node', 'use.mjs');
  expect([status, stdout]).toEqual([0, expect.stringContaining('the tool runs')]);
}, 90_000);

test('one line says what to do where they were left out', () => {
  expect(run('npm', 'ci', '--offline').status).toBe(0);
  const { status, stderr } = run('node', 'use.mjs');
  expect([status, stderr]).toEqual([3, expect.stringMatching(/^undertone: tool is not .*`npm ci --include=dev`\n$/)]);
}, 90_000);

describe.skipIf(process.platform === 'win32')('a signal to what npm runs', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s reaches the program, which both end with',
    async (signal) => {
      mkdirSync(join(clone, 'dist'), { recursive: true });
      write(
        'dist/cli.js',
        `process.once('${signal}', () => { console.log('${signal}'); process.exit(7); });
setInterval(() => {}, 1000);
console.log(process.argv[2]);`,
      );
      write('serve.mjs', `import { runBuilt } from './scripts/setup.mjs'; runBuilt(['serve']);`);
      const child = spawn('node', ['serve.mjs'], { cwd: clone, stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (chunk) => {
        said += String(chunk);
        if (said === 'serve\n') child.kill(signal);
      });
      expect(await once(child, 'close')).toEqual([7, null]);
      expect(said).toBe(`serve\n${signal}\n`);
    },
    90_000,
  );
});
