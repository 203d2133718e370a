import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { stageFolder } from '../../../pipeline/replay/staged-folder.ts';

vi.mock('node:fs/promises', async (load) => ({ ...(await load<typeof fs>()) }));

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'undertone-staged-'))));
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

/** As of a folder whose rights were taken away meanwhile. */
function keepFromRemoving(): void {
  const { rm } = fs;
  vi.spyOn(fs, 'rm').mockImplementation((path, options) =>
    String(path).includes('.undertone-') ? Promise.reject(new Error('EACCES')) : rm(path, options),
  );
}

test('files that are in place are published, also where the hidden folder cannot be removed', async () => {
  const staged = await stageFolder(folder);
  await (await staged.create('a.txt')).appendFile('words');
  keepFromRemoving();
  await staged.publish();
  await staged.discard();
  expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('words');
});

test('a hidden folder that cannot be removed hides no failure', async () => {
  const staged = await stageFolder(folder);
  await staged.create('a.txt');
  keepFromRemoving();
  await staged.discard();
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.undertone-/)]);
});
