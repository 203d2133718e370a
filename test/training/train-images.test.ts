import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PICTURES } from '../../training/recipes/compact.ts';
import { smoke } from '../../training/recipes/smoke.ts';
import type { Recipe } from '../../training/recipes/recipe.ts';
import { prepare } from '../../training/stages/prepare.ts';
import { smokeDataset } from '../support/smoke-dataset.ts';
import { trainImages } from '../../training/train-images.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-train-images-'));
const data = join(root, 'data');
beforeAll(() => smokeDataset(data, { seed: 1, n: 70 }), 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

it(
  'goes on from a finished finder to the same values without asking its teacher again',
  { timeout: 60_000 },
  async () => {
    const finder = { ...(smoke.finder as NonNullable<Recipe['finder']>), backgrounds: { ...PICTURES, n: 12 } };
    const recipe: Recipe = { ...smoke, finder };
    const prepared = await prepare(recipe, data, root);
    const run = async () => {
      let asked = 0;
      const onEncoded = (what: string): void => void (asked += Number(what === 'pictures'));
      return { ...(await trainImages({ recipe, data, out: root, onEncoded }, prepared)), asked: () => asked };
    };
    const [first, checkpoint] = [await run(), join(root, 'face-finder.safetensors')];
    const { mtimeMs } = statSync(checkpoint);
    const again = await run();
    expect([first.asked(), again.asked()]).toEqual([12, 0]);
    expect(again.params).toEqual(first.params);
    expect([again.print, again.teacher]).toEqual([first.print, first.teacher]);
    expect(statSync(checkpoint).mtimeMs).toBe(mtimeMs);
  },
);
