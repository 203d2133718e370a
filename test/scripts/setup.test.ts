import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

describe('what is built', () => {
  /** Commands of packages that say that they ran. */
  beforeAll(() => {
    rmSync(join(clone, 'node_modules'), { recursive: true, force: true });
    for (const [name, command] of [
      ['vite', 'vite'],
      ['typescript', 'tsc'],
    ] as const) {
      mkdirSync(join(clone, 'node_modules', name), { recursive: true });
      write(`node_modules/${name}/package.json`, JSON.stringify({ bin: { [command]: `${command}.cjs` } }));
      write(`node_modules/${name}/${command}.cjs`, `console.log('${command}');`);
    }
    for (const name of ['cli', 'pipeline', 'models', 'training', 'server', 'client', 'test'])
      mkdirSync(join(clone, name));
    for (const name of ['pipeline/protocol', 'pipeline/captions', 'client/sdk', 'test/bench'])
      mkdirSync(join(clone, name));
    const files = ['cli.ts', 'models/errors.ts', 'models/windows-1252.ts', 'tsconfig.json', 'tsconfig.build.json'];
    for (const name of files) write(name, '');
    write('build.mjs', `import { ensureBuilt } from './scripts/setup.mjs'; ensureBuilt();`);
  });

  function built(): string[] {
    const { status, stdout } = run('node', 'build.mjs');
    expect(status).toBe(0);
    return stdout.split('\n').filter((line) => line !== '');
  }

  test('is built once, and again when a source has changed or what says how to build them', () => {
    expect(built()).toEqual(['vite', 'tsc']);
    expect(built()).toEqual([]);
    for (const [name, commands] of Object.entries({
      'cli.ts': ['tsc'],
      'tsconfig.json': ['vite', 'tsc'],
      'package.json': ['vite', 'tsc'],
    })) {
      writeFileSync(join(clone, name), readFileSync(join(clone, name)));
      expect([name, built()]).toEqual([name, commands]);
    }
    expect(built()).toEqual([]);
  }, 90_000);

  test('is built again when a source was saved meanwhile', () => {
    write('node_modules/typescript/tsc.cjs', `require('fs').writeFileSync('cli.ts', ''); console.log('tsc');`);
    write('cli.ts', '');
    expect(built()).toEqual(['tsc']);
    write('node_modules/typescript/tsc.cjs', `console.log('tsc');`);
    expect(built()).toEqual(['tsc']);
    expect(built()).toEqual([]);
  }, 90_000);

  test.skipIf(process.platform === 'win32')(
    'may have a link to nothing among its sources',
    () => {
      symlinkSync('me@machine.1234', join(clone, 'server', '.#app.ts'));
      expect(built()).toEqual(['tsc']);
      expect(built()).toEqual([]);
    },
    90_000,
  );
});

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
