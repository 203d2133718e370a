import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
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

test('a second writer is refused while the first one is at work, and leaves nothing', async () => {
  const first = await stageFolder(folder);
  await (await first.create('a.txt')).appendFile('words');
  await expect(stageFolder(folder)).rejects.toMatchObject({ code: 'out_busy' });
  expect(readdirSync(folder)).toHaveLength(1);
  await first.publish();
  await (await stageFolder(folder)).discard();
  expect(readdirSync(folder)).toEqual(['a.txt']);
});

test('what has not been written for minutes refuses nobody', async () => {
  const first = await stageFolder(folder);
  const [name = ''] = readdirSync(folder);
  const atS = Date.now() / 1000 - 300;
  utimesSync(join(folder, name), atS, atS);
  const second = await stageFolder(folder);
  expect(readdirSync(folder)).toHaveLength(2);
  await second.discard();
  await first.discard();
});

test.each([2, 8])('of %i at once one goes on', async (writers) => {
  const staged = await Promise.allSettled(Array.from({ length: writers }, () => stageFolder(folder)));
  const open = staged.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  expect(open).toHaveLength(1);
  for (const each of open) await each.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test('a hidden folder that cannot be removed hides no failure', async () => {
  const staged = await stageFolder(folder);
  await staged.create('a.txt');
  keepFromRemoving();
  await staged.discard();
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^\.undertone-/)]);
});
