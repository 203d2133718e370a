import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const outer = mkdtempSync(join(tmpdir(), 'undertone-child-'));
afterAll(() => rmSync(outer, { recursive: true, force: true }));

test('its programs start from source in a folder whose name means something in a URL', { timeout: 90_000 }, () => {
  const clone = join(outer, 'C# 100%25');
  const modules = join(clone, 'node_modules');
  mkdirSync(modules, { recursive: true });
  // A link would lead to the folder that tests run in.
  cpSync(join(root, 'node_modules', 'tsx'), join(modules, 'tsx'), { recursive: true, dereference: true });
  symlinkSync(join(root, 'node_modules', 'esbuild'), join(modules, 'esbuild'), 'junction');
  cpSync(join(root, 'models', 'runtime', 'child-program.ts'), join(clone, 'child-program.ts'));
  writeFileSync(join(clone, 'package.json'), '{"type":"module"}');
  writeFileSync(join(clone, 'child.ts'), `const said: string = 'started'; console.log(said);`);
  writeFileSync(
    join(clone, 'parent.ts'),
    `import { execFileSync } from 'node:child_process';
import { childArguments } from './child-program.ts';
execFileSync(process.execPath, childArguments('child', import.meta.url), { stdio: 'inherit' });`,
  );
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', tsx, join(clone, 'parent.ts')], {
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual(['started\n', '']);
});
