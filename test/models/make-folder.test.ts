import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeFolder } from '../../models/make-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-folder-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('makes a folder and those above it; one that is there is left as it is', async () => {
  const folder = join(root, 'a', 'b', 'c');
  await Promise.all([makeFolder(folder), makeFolder(folder)]);
  await makeFolder(folder);
  expect(statSync(folder).isDirectory()).toBe(true);
});

it('ends with an error where a file is in the way', async () => {
  writeFileSync(join(root, 'file'), '');
  for (const folder of [join(root, 'file'), join(root, 'file', 'below', 'it')])
    await expect(makeFolder(folder)).rejects.toThrow('EEXIST');
});

it.runIf(existsSync('/proc/self'))('ends with an error where the system makes no folders', async () => {
  await expect(makeFolder('/proc/undertone/below')).rejects.toThrow(/ENOENT|EACCES|EPERM/);
});
