import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Picture } from '../../../training/augment/picture.ts';
import { keptSort } from '../../../training/stages/kept-sort.ts';
import type { FaceDetector } from '../../../training/teacher/face-detector.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-sort-'));
const path = join(folder, 'pictures.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sees a face in every second picture, told by its first byte. */
function detector(): FaceDetector & { asked: number } {
  const made = {
    name: 'fake',
    licence: 'MIT',
    asked: 0,
    detect: ({ data: [first = 0] }: Picture) => {
      made.asked++;
      const face = { x: first / 3, y: 20.1, width: 30, height: 1 / 7 + 30, confidence: 0.9 };
      return Promise.resolve(first % 2 === 0 ? [] : [face]);
    },
    close: () => Promise.resolve(),
  };
  return made;
}

const picture = (value: number): Picture => ({
  width: 64,
  height: 64,
  channels: 1,
  data: new Uint8Array(64 * 64).fill(value),
});
const pictures = [1, 2, 3, 4, 5, 5].map(picture);
const config = { face: 0.6, faceless: 0.15, smallest: 0.2 };

it('asks the detector once, and gives the same pictures and faces from what is kept', async () => {
  const [first, again] = [detector(), detector()];
  const sorted = await keptSort(path, pictures, { detector: first, config });
  expect([sorted.faceless.length, sorted.portraits.length, first.asked]).toEqual([2, 4, 6]);
  expect(await keptSort(path, pictures, { detector: again, config })).toEqual(sorted);
  expect(again.asked).toBe(0);
});

it.each([
  ['other pictures', [...pictures.slice(0, 5), picture(7)], config],
  ['other thresholds', pictures, { ...config, face: 0.7 }],
])('asks again for %s', async (_, shown, thresholds) => {
  await keptSort(path, pictures, { detector: detector(), config });
  const again = detector();
  await keptSort(path, shown, { detector: again, config: thresholds });
  expect(again.asked).toBe(6);
});

it('asks again where what is kept is not whole', async () => {
  writeFileSync(path, '{"made_of":');
  const again = detector();
  await keptSort(path, pictures, { detector: again, config });
  expect(again.asked).toBe(6);
});
