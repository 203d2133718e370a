import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { unitStore } from '../../../training/sweep/unit-store.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-units-'));
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true, force: true }));

const result = { set: 'a', method: 'b', seed: 1, training: null, tests: [], virtual: {}, seconds: 0 };

it('has a result on the disk before it appears, and the folder that names it after', async () => {
  const handle = await open(root, 'r');
  await handle.close();
  const flushed = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  await unitStore(root).write('flushed', result);
  expect(flushed).toHaveBeenCalledTimes(2);
  expect(await unitStore(root).read('flushed')).toEqual(result);
});

it('is written by several at once, as parts do that tune alike', async () => {
  const folder = join(root, 'shared');
  const stores = Array.from({ length: 8 }, () => unitStore(folder));
  await Promise.all(stores.map((store) => store.write('tune-one', result)));
  expect(await unitStore(folder).read('tune-one')).toEqual(result);
  expect(readdirSync(folder)).toEqual(['tune-one.json']);
});
