import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { inOwnOut } from '../../training/in-own-out.ts';
import { trainPrepared } from '../../training/prepared/train-prepared.ts';
import { smoke } from '../../training/recipes/smoke.ts';
import { train } from '../../training/train.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-own-out-'));
const out = join(root, 'run');
afterAll(() => rmSync(root, { recursive: true, force: true }));

it.each<[what: string, () => Promise<unknown>]>([
  ['training', () => train({ recipe: smoke, data: root, out })],
  [
    'heads for prepared clips',
    () => trainPrepared({ files: [], bundle: 'undertone-compact', name: 'own', recipe: smoke, steps: 1, out }),
  ],
])('a second run into the same folder is refused while the first is at work: %s', async (_, second) => {
  await inOwnOut(out, async () => {
    await expect(second()).rejects.toMatchObject({
      code: 'out_busy',
      message: expect.stringContaining(out) as unknown,
    });
  });
  expect(readdirSync(out)).toEqual([]);
});

it('a run that fails leaves the folder to the next', async () => {
  await expect(inOwnOut(out, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  await expect(inOwnOut(out, () => Promise.resolve('made'))).resolves.toBe('made');
});
