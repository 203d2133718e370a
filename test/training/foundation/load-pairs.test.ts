import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNpy } from '../../../training/datasets/read-npy.ts';
import { evaluateHeads } from '../../../training/foundation/evaluate-heads.ts';
import { loadPairs } from '../../../training/foundation/load-pairs.ts';
import { retrieval } from '../../../training/foundation/retrieval.ts';
import { zeroShot } from '../../../training/foundation/zero-shot.ts';
import { npy, npyHeader } from '../../support/npy.ts';

const CAPTIONS = 'text_row,image_row,caption\n0,0,two dogs\n1,1,a cat\n2,0,a brown dog\n';
let folder = '';
const put = (name: string, data: string | Uint8Array): void => writeFileSync(join(folder, name), data);
const matrix = (rows: readonly (readonly number[])[], type?: string): Uint8Array =>
  npy(npyHeader(rows.length, rows[0]?.length ?? 0, type), Float32Array.from(rows.flat()));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-pairs-'));
  put(
    'x_image.f32.npy',
    matrix([
      [2, 0, 0],
      [0, 1, 0],
    ]),
  );
  put(
    'y_text.f32.npy',
    matrix([
      [1, 0, 1],
      [0, 1, 0],
      [3, 0, 0],
    ]),
  );
  put('y_captions.csv', CAPTIONS);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refused(code: string, message: RegExp) {
  return expect.objectContaining({ code, message: expect.stringMatching(message) });
}

describe('loadPairs', () => {
  it('groups captions by image, all of length 1', async () => {
    const { dimension, images, captions, words } = await loadPairs(folder);
    expect(dimension).toBe(3);
    expect(images.map((row) => [...row])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(captions.map(({ length }) => length)).toEqual([2, 1]);
    expect(captions[0]?.[0]?.[0]).toBeCloseTo(Math.SQRT1_2);
    expect(words).toEqual([['two dogs', 'a brown dog'], ['a cat']]);
  });

  it('takes a table with a byte order mark, blanks and other line ends', async () => {
    const { words } = await loadPairs(folder);
    put('y_captions.csv', `\ufeff${CAPTIONS.replaceAll(',', ', ').replaceAll('\n', '\r\n')}`);
    expect((await loadPairs(folder)).words.flat().map((word) => word.trim())).toEqual(words.flat());
  });

  it('measures retrieval and zero-shot naming', async () => {
    put('z_names.json', '["dog", "cat", "hot air balloon"]');
    put(
      'z_text.f32.npy',
      matrix([
        [1, 0, 0],
        [0, 0, 1],
        [0, 1, 0],
      ]),
    );
    const pairs = await loadPairs(folder);
    expect(retrieval(pairs)).toEqual({ images: 2, captions: 3, captionToImage: 1, imageToCaption: 1 });
    expect(zeroShot(pairs)).toEqual({ classes: 3, images: 2, top1: 0.5, chance: 1 / 3, mostFrequent: 0.5 });
  });

  it('finds class names in captions as they are written, in any script', async () => {
    const named = async (name: string, caption: string): Promise<number | undefined> => {
      put('z_names.json', JSON.stringify([name, 'nothing of it']));
      const embeddings = [
        [1, 0, 0],
        [0, 1, 0],
      ];
      put('z_text.f32.npy', matrix(embeddings));
      put('y_captions.csv', `text_row,image_row,caption\n0,0,${caption}\n1,1,a cat\n`);
      return zeroShot(await loadPairs(folder))?.images;
    };
    expect(await named('hot-dog', 'two hot-dogs')).toBe(1);
    expect(await named('кошка', 'большая Кошка спит')).toBe(1);
    expect(await named('кошка', 'a brown dog')).toBeUndefined();
    expect(await named('vis-à-vis (old)', 'a vis-à-vis (old)')).toBe(1);
    expect(await named('?', 'is it one?')).toBeUndefined();
  });

  it('measures no folds of which one has a single pair', async () => {
    const many = Array.from({ length: 19 }, (_, i) => [Math.cos(i), Math.sin(i), 1]);
    put('x_image.f32.npy', matrix(many));
    put('y_text.f32.npy', matrix(many));
    put('y_captions.csv', `text_row,image_row\n${many.map((_, i) => `${i},${i}`).join('\n')}\n`);
    const measured = evaluateHeads(folder, { folds: 10, seeds: 1, signal: AbortSignal.abort() });
    await expect(measured).rejects.toMatchObject({ code: 'heads_folds' });
  });

  it('refuses what does not fit, and says which file', async () => {
    const expectRefusal = async (code: string, message: RegExp) =>
      expect(loadPairs(folder)).rejects.toThrow(refused(code, message));
    const expectRefusalOf = async (table: string, message: RegExp) => {
      put('y_captions.csv', table);
      await expectRefusal('embeddings_invalid', message);
    };
    put('z_names.json', '["dog"]');
    put('z_text.f32.npy', matrix([[1, 0, 0]]));
    await expectRefusal('embeddings_invalid', /z_names.json/);
    rmSync(join(folder, 'z_names.json'));
    put('y_captions.csv', `${CAPTIONS}9,0,none\n`);
    await expectRefusal('embeddings_invalid', /row 5/);
    for (const row of [',0,none', '0,,none', 'x,0,none', '0,0,"none', '0,0'])
      await expectRefusalOf(`${CAPTIONS}${row}\n`, /row 5/);
    put('y_captions.csv', 'text_row,image_row\n0,0\n');
    await expectRefusal('embeddings_invalid', /image 1 has no caption/);
    put('y_text.f32.npy', matrix([[1, 0]]));
    await expectRefusal('embeddings_invalid', /3 values and texts 2/);
    put('w_captions.csv', CAPTIONS);
    await expectRefusal('data_not_found', /several/);
    folder = join(folder, 'nowhere');
    await expectRefusal('data_not_found', /nowhere/);
    folder = join(folder, '..');
  });
});

describe('readNpy', () => {
  it.each([
    ['another file', Buffer.from('not numpy at all'), /no NumPy file/],
    ['another type', matrix([[1]], '<f8'), /float32/],
    ['a cut file', matrix([[1, 2]]).subarray(0, -3), /cut off/],
    ['a value that is no number', matrix([[1, Number.NaN]]), /finite/],
  ])('refuses %s', async (_, bytes, message) => {
    put('bad.npy', bytes);
    await expect(readNpy(join(folder, 'bad.npy'), 'embeddings_invalid')).rejects.toThrow(
      refused('embeddings_invalid', message),
    );
  });
});
