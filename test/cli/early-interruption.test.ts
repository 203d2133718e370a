import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyBundle } from '../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-early-'));
const data = join(root, 'clips');
let bundle: string;

beforeAll(async () => {
  bundle = (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir;
  mkdirSync(data);
  writeFileSync(join(data, 'manifest.jsonl'), '{"id":"1","split":"train","text":"so happy","score":1}');
  // Reading the manifest of the bundle is the first thing of loading it.
  writeFileSync(
    join(root, 'interrupt.mjs'),
    `import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
const { readFile } = fs;
fs.readFile = (path, ...rest) => {
  if (String(path).endsWith('manifest.json')) process.kill(process.pid, 'SIGINT');
  return readFile(path, ...rest);
};
syncBuiltinESMExports();
`,
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each([
  ['eval', ['eval', '--split', 'train', '--dataset', 'clips']],
  ['a comparison', ['eval', '--split', 'train', '--dataset', 'clips', '--bundle', join(root, 'tiny')]],
  ['data prepare', ['data', 'prepare', '--dataset', 'clips', '--out', join(root, 'out')]],
  ['sweep', ['sweep', '--out', join(root, 'swept')]],
])('%s says that it was interrupted while the model loads', { timeout: 180_000 }, async (_, args) => {
  const command = ['bin/undertone.mjs', ...args, '--data', data, '--bundle', bundle];
  const child = spawn(process.execPath, ['--import', join(root, 'interrupt.mjs'), ...command]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += String(text)));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(said).toBe('undertone: interrupted\n');
});
