import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { random } from '../../../models/random.ts';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { drawBackground } from '../../../training/augment/background.ts';
import { evaluateNamed } from '../../../training/evaluation/evaluate-named.ts';

const require = createRequire(import.meta.url);
/** Photographs that come with the package of the detector, and the part of each with one large face. */
const FACES = [
  { name: 'sample3.jpg', left: 385, top: 205, width: 600, height: 600 },
  { name: 'sample1.jpg', left: 230, top: 200, width: 540, height: 540 },
];

let folder: string;
let model: LocalModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-pictures-'));
  const portraits = FACES.map(({ name, ...part }) =>
    sharp(require.resolve(`@vladmandic/face-api/demo/${name}`))
      .extract(part)
      .resize(200, 200)
      .jpeg()
      .toBuffer(),
  );
  const walls = [1, 2, 3].map((seed) =>
    sharp(drawBackground(random('wall', seed), 160), { raw: { width: 160, height: 160, channels: 3 } })
      .jpeg()
      .toBuffer(),
  );
  const files = await Promise.all([...portraits, ...walls]);
  let offset = 0;
  const rows = files.map((file, i) => {
    const row = [i, offset, file.length, `"picture ${i}"`, 'positive', 'positive', 'positive', 'train'].join(',');
    offset += file.length;
    return row;
  });
  const header = 'id,offset,length,text,text_label,image_label,joint_label,split';
  await writeFile(join(folder, 'pairs.csv'), `${[header, ...rows].join('\n')}\n`);
  await writeFile(join(folder, 'images.bin'), Buffer.concat(files));
  model = await loadLocalModel();
}, 60_000);
afterAll(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

it('says how often the bundled model sees a face where one is, and none where none is', async () => {
  const [result] = await evaluateNamed({ model, dataset: 'pictures', data: folder, split: 'train' });
  expect(result).toMatchObject({ dataset: 'pictures', split: 'train', n: 5, insufficient: 0 });
  expect(result?.metrics['recall_face']).toBe(1);
  expect(result?.metrics['recall_no_face']).toBeGreaterThan(0.6);
  expect(result?.baseline['accuracy']).toBe(0.6);
});

it('refuses a split that is not there', async () => {
  const evaluated = evaluateNamed({ model, dataset: 'pictures', data: folder, split: 'test' });
  await expect(evaluated).rejects.toMatchObject({ code: 'data_split' });
});
