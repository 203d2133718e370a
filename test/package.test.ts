import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as esbuild from 'esbuild';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const root = resolve(import.meta.dirname, '..');
const project = mkdtempSync(join(tmpdir(), 'undertone-package-'));
const home = join(project, 'node_modules', 'undertone');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] };

/** Another project that has the package as `npm pack` makes it, with packages of its own in place of installed ones. */
beforeAll(() => {
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', join(home, 'dist')], { cwd: root });
  rmSync(join(home, 'dist', 'test'), { recursive: true });
  const copied = files.filter((name) => name !== 'dist' && !name.startsWith('!'));
  for (const name of ['package.json', ...copied]) cpSync(join(root, name), join(home, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  writeFileSync(join(project, 'package.json'), '{"type":"module"}');
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function undertone(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(home, 'bin', 'undertone.mjs'), ...args], { cwd: project, encoding: 'utf8' });
}

/** Paths of what `npm pack` takes. */
function packed(): string[] {
  const report = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root });
  const [{ files: list }] = JSON.parse(report.toString()) as [{ files: { path: string }[] }];
  return list.map(({ path }) => path);
}

describe('the package in another project', () => {
  it('has what its own pages link to', () => {
    const paths = packed();
    const folders = new Set(
      paths.flatMap((path) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index))),
    );
    const links = paths
      .filter((path) => path.endsWith('.md'))
      .flatMap((page) =>
        [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)\s#]+)/g)].map(([, to = '']) => ({
          page,
          to: posix.join(posix.dirname(page), to),
        })),
      );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ to }) => !paths.includes(to) && !folders.has(to))).toEqual([]);
  });

  it('is packed with the built program, its model and no source', () => {
    const paths = packed();
    expect(paths).toContain('bin/undertone.mjs');
    expect(paths).toContainEqual(expect.stringMatching(/^models\/artifacts\/undertone-compact\/.*\/manifest\.json$/));
    expect(files).toContain('dist');
    expect(paths.filter((path) => /(?<!\.d)\.ts$/.test(path))).toEqual([]);
  });

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])(
    'has types for the examples of README and docs/client.md (module %s, resolution %s)',
    (module, moduleResolution) => {
      const [client = '', readme = ''] = ['docs/client.md', 'README.md'].map(
        (page) => /^```ts\n(import .*?)^```$/ms.exec(readFileSync(join(root, page), 'utf8'))?.[1],
      );
      expect([client, readme]).not.toContain('');
      const camera = `${client}\ndeclare function takeJpeg(): Promise<Blob>;`;
      const use = `${readme}
declare const jpegBytes: Uint8Array;
await using other = connect({ url: 'ws://localhost:8080/v1/stream' });
console.log(other.session?.sessionId);
// @ts-expect-error a score may be null
client.on('result', (result) => { const score: number = result.score; });`;
      mkdirSync(join(project, module));
      writeFileSync(join(project, module, 'use.ts'), use);
      writeFileSync(join(project, module, 'camera.ts'), camera);
      const compilerOptions = { module, moduleResolution, strict: true, noEmit: true, types: [], skipLibCheck: false };
      writeFileSync(
        join(project, module, 'tsconfig.json'),
        JSON.stringify({ compilerOptions, files: ['use.ts', 'camera.ts'] }),
      );
      const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', join(project, module)], { encoding: 'utf8' });
      expect([status, stdout]).toEqual([0, '']);
    },
  );

  it.each([
    ['module', `import { connect } from 'undertone/client'; console.log(typeof connect);`],
    ['commonjs', `console.log(typeof require('undertone/client').connect);`],
  ])('gives the client to %s', (type, program) => {
    const options = { cwd: project, encoding: 'utf8' } as const;
    expect(spawnSync(process.execPath, [`--input-type=${type}`, '-e', program], options).stdout).toBe('function\n');
  });

  it('gives a page what it uses of zod alone', async () => {
    // The bundler that tsx brings along; others leave out more.
    const fromTsx = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'));
    const { build } = (await import(pathToFileURL(fromTsx.resolve('esbuild')).href)) as typeof esbuild;
    const { metafile } = await build({
      stdin: { contents: `import { connect } from 'undertone/client'; connect({ url: '' });`, resolveDir: project },
      bundle: true,
      format: 'esm',
      splitting: true,
      outdir: join(project, 'page'),
      metafile: true,
      write: false,
    });
    const used = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
    const languages = used.filter((path) => path.includes('zod/v4/locales/')).map((path) => basename(path));
    expect(languages).toEqual(['en.js']);
  });

  it('names no source maps, whose sources it has not', () => {
    expect(readFileSync(join(home, 'dist', 'client', 'sdk', 'index.js'), 'utf8')).not.toContain('sourceMappingURL');
  });

  it('runs its verbs, and says where the benchmark runs', () => {
    expect(undertone('models', 'verify').stdout).toContain('is whole');
    expect(undertone('models', 'list').stdout).toContain('clip-vit-b32');
    const bench = undertone('bench');
    expect(bench.status).toBe(3);
    expect(bench.stderr).toMatch(/^undertone: .*npm run bench.* \(bench_unavailable\)\n$/);
  });
});
