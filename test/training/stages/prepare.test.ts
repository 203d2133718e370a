import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLocalModel } from '../../../models/runtime/load-local-model.ts';
import { encodePool } from '../../../training/foundation/encode-pool.ts';
import { isReadBy } from '../../../training/pools/text-pool.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import { prepare } from '../../../training/stages/prepare.ts';
import { composedSet } from '../../../training/sweep/sets/composed-set.ts';
import { mvsaSet } from '../../../training/sweep/sets/mvsa-set.ts';
import { smokeDataset } from '../../support/smoke-dataset.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-prepare-stage-'));
const data = join(root, 'data');
const FACES = 'faces-fer2013';
const PAIRS = 'mvsa';

beforeAll(() => smokeDataset(data, { seed: 1, n: 70 }), 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Where the image of a row lies in `images.bin`, and what the row is called. */
function rowOf(set: string, table: string, row: number): { offset: number; length: number; id: string } {
  const [header = '', ...lines] = readFileSync(join(data, set, table), 'utf8').split('\n');
  const cells = (lines[row] ?? '').split(',');
  const cell = (column: string): string => cells[header.split(',').indexOf(column)] ?? '';
  return {
    offset: Number(cell('offset')),
    length: Number(cell('length')),
    id: header.includes('name') ? cell('name') : cell('id'),
  };
}

/** Runs something while a part of an image is overwritten. */
async function whileBroken<T>(
  set: string,
  { offset, length }: { offset: number; length: number },
  run: () => Promise<T>,
) {
  const path = join(data, set, 'images.bin');
  const whole = readFileSync(path);
  const broken = Buffer.from(whole);
  // The header stays, so that the bytes look like a JPEG file.
  broken.fill(0xff, offset + 20, offset + length);
  writeFileSync(path, broken);
  try {
    return await run();
  } finally {
    writeFileSync(path, whole);
  }
}

it("gives the pairs' texts to the branches that read them, with the pair's polarity, and not to the tokenizer", async () => {
  const without = await prepare({ ...smoke, pairs: { dataset: PAIRS, share: 0.2 } }, data, root);
  const given = await prepare(smoke, data, root);
  const more = given.utterances.slice(without.utterances.length);
  expect(given.utterances.slice(0, without.utterances.length)).toEqual(without.utterances);
  expect(more.map(({ text, sentiment }) => ({ text, sentiment }))).toEqual(
    given.pairs.map(({ text, sentiment }) => ({ text, sentiment })),
  );
  expect(more.length).toBeGreaterThan(0);
  expect(more.map((utterance) => isReadBy(utterance, 0))).not.toContain(true);
  expect(more.map((utterance) => isReadBy(utterance, 1))).not.toContain(false);
  expect(given.tokenizerJson).toBe(without.tokenizerJson);
  const validation = given.validationUtterances.slice(without.validationUtterances.length).map(({ text }) => text);
  expect(validation.length).toBeGreaterThan(0);
  expect(validation.filter((text) => more.some((utterance) => utterance.text === text))).toEqual([]);
});

describe('an image that does not decode', () => {
  it.each([
    ['a face', FACES, 'index.csv', 3, 'fer2013'],
    ['a face of the validation split', FACES, 'index.csv', 30, 'fer2013'],
  ])('ends the preparation with id and data set, or is left out and told: %s', async (_, set, table, row, name) => {
    const place = rowOf(set, table, row);
    const sound = await prepare(smoke, data, join(root));
    await whileBroken(set, place, async () => {
      await expect(prepare(smoke, data, root)).rejects.toMatchObject({
        code: 'data_image',
        message: expect.stringMatching(new RegExp(`^image ${place.id} of ${name}: .* --skip-bad\\)$`)) as unknown,
      });
      const told: string[] = [];
      const kept = await prepare(smoke, data, root, { onBad: ({ message }) => told.push(message) });
      expect(told).toHaveLength(1);
      const count = (of: typeof sound): number => of.faces.length + of.validationFaces.length;
      expect(count(kept)).toBe(count(sound) - 1);
    });
  });

  it('is left out of the pairs, of the encoded sets and of the sets of a sweep', { timeout: 60_000 }, async () => {
    const pair = rowOf(PAIRS, 'pairs.csv', 3);
    const face = rowOf(FACES, 'index.csv', 3);
    const model = await loadLocalModel({ bundle: (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir });
    const shared = { model, recipe: smoke, data, skipBad: true };
    const told: string[] = [];
    const all = async (cache: string) => {
      const prepared = await prepare(smoke, data, root, { onBad: () => {} });
      const onBad = ({ message }: Error): void => void told.push(message);
      const pool = await encodePool({ ...shared, cache, onBad, split: 'train', limit: 1000 });
      const mvsa = await mvsaSet({ ...shared, cache, clips: { train: 0, test: 0 } });
      const composed = await composedSet({ ...shared, cache, clips: { train: 2, test: 2 } });
      const [fold] = mvsa.folds(1);
      return {
        pairs: prepared.pairs.length,
        pool: [pool.faces.length, pool.pairs.length],
        mvsa: (fold?.train.n ?? 0) + (fold?.test.n ?? 0),
        notes: [...mvsa.notes, ...composed.notes].filter((note) => note.startsWith('left out')),
      };
    };
    const sound = await all(join(root, 'a'));
    const rest = await whileBroken(PAIRS, pair, () => whileBroken(FACES, face, () => all(join(root, 'b'))));
    expect(rest).toEqual({
      pairs: sound.pairs - 1,
      pool: sound.pool.map((n) => n - 1),
      mvsa: sound.mvsa - 1,
      notes: [
        'left out, since their images cannot be read: 1 pairs',
        'left out, since their images cannot be read: 1 faces of train',
      ],
    });
    expect(told.map((message) => message.split(':')[0])).toEqual([`image ${face.id}`, `image ${pair.id}`]);
    await model.close();
  });
});

describe('a row that is bad', () => {
  /** Runs something while a table has one more row. */
  async function whileLonger<T>(path: string, row: string, run: () => Promise<T>): Promise<T> {
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, `${whole.trimEnd()}\n${row}\n`);
    try {
      return await run();
    } finally {
      writeFileSync(path, whole);
    }
  }
  const told: string[] = [];

  it(
    'is told once by the training, by heads for a foundation model and by the sets of a sweep',
    { timeout: 60_000 },
    async () => {
      const faces = join(data, FACES, 'index.csv');
      const pairs = join(data, PAIRS, 'pairs.csv');
      const model = await loadLocalModel({
        bundle: (await writeTinyBundle({ dir: join(root, 'other'), slots: 2 })).dir,
      });
      const onBad = ({ message }: Error): void => void told.push(message);
      const reading = { model, recipe: smoke, data, skipBad: true, onBad, cache: join(root, 'rows') };
      const inFaces = expect.stringMatching(/index\.csv row \d+: emotion is "glad", expected /) as unknown;
      const inPairs = expect.stringMatching(/pairs\.csv row \d+: text_label is "glad", expected /) as unknown;
      await whileLonger(faces, '0,1,train,glad,odd.jpg', () =>
        whileLonger(pairs, 'odd,0,1,a text,glad,positive,positive,train', async () => {
          await prepare(smoke, data, root, { onBad });
          expect(told.splice(0)).toEqual([inFaces, inPairs]);
          for (const split of ['train', 'val'] as const) await encodePool({ ...reading, split, limit: 1000 });
          expect(told.splice(0)).toEqual([inFaces, inPairs]);
          const composed = await composedSet({ ...reading, clips: { train: 2, test: 2 } });
          expect(told.splice(0)).toEqual([inFaces]);
          expect(composed.notes).toContain('left out, since they are bad: 1 rows of fer2013');
          const mvsa = await mvsaSet({ ...reading, clips: { train: 0, test: 0 } });
          expect(told.splice(0)).toEqual([inPairs]);
          expect(mvsa.notes).toContain('left out, since their rows are bad: 1 pairs');
        }),
      );
      await model.close();
    },
  );
});
