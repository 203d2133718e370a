import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const root = resolve(import.meta.dirname, '../../..');
const home = mkdtempSync(join(tmpdir(), 'undertone-built-'));

const PROGRAM = `
import { loadModel } from './models/runtime/load-model.js';
const model = await loadModel({ bundle: 'tiny', provider: process.argv[2], workers: 1 });
const { embedding } = await model.encode('text', { kind: 'text', text: 'happy' });
process.stdout.write(JSON.stringify({ info: model.info, length: embedding.length }));
await model.close();
`;

/** An installation without sources: dist/, node_modules, package.json and the artifacts. */
beforeAll(async () => {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
  const project = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noEmit: false, noCheck: true, rootDir: root, outDir: join(home, 'dist') },
    files: ['load-model', 'worker-entry', 'probe-entry'].map((name) => join(root, 'models', 'runtime', `${name}.ts`)),
    include: [],
  };
  const config = join(home, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ ...project, compilerOptions: { ...project.compilerOptions, types: [] } }));
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'pipe' });
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  writeFileSync(join(home, 'dist', 'program.js'), PROGRAM);
  const { dir } = await writeTinyBundle();
  mkdirSync(join(home, 'models', 'artifacts', 'tiny'), { recursive: true });
  cpSync(dir, join(home, 'models', 'artifacts', 'tiny', '1.0.0'), { recursive: true });
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the built program', () => {
  it.each(['cpu', 'auto'])('finds its artifacts and starts its processes without tsx (%s)', (provider) => {
    const out = execFileSync(process.execPath, [join(home, 'dist', 'program.js'), provider], { cwd: tmpdir() });
    const { info, length } = JSON.parse(out.toString());
    expect(info).toMatchObject({ name: 'tiny', device: { workers: 1 } });
    expect(length).toBe(info.dimension);
  });
});
