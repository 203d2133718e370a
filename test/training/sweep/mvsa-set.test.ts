import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { greyPng } from '../../../training/datasets/grey-png.ts';
import { ownSplit } from '../../../training/datasets/own-split.ts';
import { tweetKey } from '../../../training/datasets/tweet-key.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import type { ClipTable } from '../../../training/sweep/clip-table.ts';
import { clipName, TRAINED_CLIPS } from '../../../training/prepared/trained-clips.ts';
import { groupedFolds } from '../../../training/sweep/sets/grouped-folds.ts';
import { mvsaSet } from '../../../training/sweep/sets/mvsa-set.ts';
import type { SweepSet } from '../../../training/sweep/sweep-set.ts';
import { folderOf } from '../datasets/folder.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

describe('folds of groups', () => {
  const keys = Array.from({ length: 60 }, (_, i) => `tweet ${Math.floor(i / 3)}`);

  it('never cut a group, and are equally large', () => {
    const folds = groupedFolds(keys, 5, 1);
    for (let i = 0; i < keys.length; i += 3) expect(new Set(folds.subarray(i, i + 3)).size).toBe(1);
    for (let fold = 0; fold < 5; fold++) expect(folds.filter((each) => each === fold)).toHaveLength(12);
  });

  it('are others with another seed, and the same with the same', () => {
    expect(groupedFolds(keys, 5, 1)).toEqual(groupedFolds(keys, 5, 1));
    expect(groupedFolds(keys, 5, 1)).not.toEqual(groupedFolds(keys, 5, 2));
  });
});

describe('MVSA', () => {
  const N = 30;
  let model: LocalModel;
  let open: (encodersSaw: readonly string[] | undefined, other?: LocalModel) => Promise<SweepSet>;

  beforeAll(async () => {
    const files: Buffer[] = [];
    const rows = ['id,offset,length,text,text_label,image_label,joint_label,split'];
    let offset = 0;
    for (let i = 0; i < N; i++) {
      // Each is published twice, with its picture; the last has no text.
      const tweet = Math.floor(i / 2);
      const text = i === N - 1 ? '' : `${i % 2 === 0 ? '' : 'RT @you: '}day ${tweet} http://t.co/${i}`;
      const file = Buffer.from(greyPng(8, 8, new Uint8Array(64).fill(tweet * 5)));
      rows.push([i, offset, file.length, text, 'positive', 'positive', i === 0 ? '' : 'positive', 'train'].join(','));
      files.push(file);
      offset += file.length;
    }
    const data = await folderOf({ 'mvsa/pairs.csv': `${rows.join('\n')}\n`, 'mvsa/images.bin': Buffer.concat(files) });
    model = await loadLocalModel({ bundle: (await writeTinyBundle()).dir });
    const options = {
      model,
      recipe: smoke,
      data,
      cache: `${data}/cache`,
      skipBad: false,
      clips: { train: 0, test: 0 },
    };
    open = (encodersSaw, other = model) => mvsaSet({ ...options, model: other, encodersSaw });
  }, 60_000);
  afterAll(() => model.close());

  it('tests every pair with a joint label once', async () => {
    const folds = (await open([])).folds(1);
    expect(folds).toHaveLength(5);
    expect(folds.reduce((sum, { test }) => sum + test.n, 0)).toBe(N - 1);
    expect((await open([])).tested).toEqual({ clips: N - 1, counted: N - 1 });
    for (const { train, test } of folds) {
      expect(train.n + test.n).toBe(N - 1);
      expect(train.slots).toBe(1);
      expect(new Set(test.sentiment)).toEqual(new Set([2]));
    }
  });

  it('never trains on a tweet that it tests, published again', async () => {
    const set = await open([]);
    const shown = ({ n, dimension, video, textMask }: ClipTable): string[] =>
      Array.from({ length: n }, (_, i) => i)
        .filter((i) => textMask[i] === 1)
        .map((i) => video.subarray(i * dimension, (i + 1) * dimension).join());
    for (const { train, test } of set.folds(1)) {
      const trained = new Set(shown(train));
      expect(shown(test).filter((picture) => trained.has(picture))).toEqual([]);
    }
    for (const { train, test } of set.folds(1)) {
      const groups = new Set(train.groups);
      expect([train.groups?.length, test.groups?.filter((group) => groups.has(group))]).toEqual([train.n, []]);
    }
    const textless = set.folds(1).map(({ test }) => test.textMask.filter((there) => there === 0).length);
    expect(textless.filter((n) => n === 1)).toHaveLength(1);
    expect(set.folds(2).map(({ test }) => shown(test))).not.toEqual(set.folds(1).map(({ test }) => shown(test)));
  });

  it('says how many of the pairs that it tests an adapter was fitted to', async () => {
    const modalities = model.info.modalities.map((each) => ({ ...each, adapted: true as const }));
    const fitted = Array.from({ length: 7 }, (_, i) => {
      const text = `${(i + 1) % 2 === 0 ? '' : 'RT @you: '}day ${Math.floor((i + 1) / 2)} http://t.co/${i + 1}`;
      return clipName('mvsa', { id: `${i + 1}`, text });
    });
    const dir = await folderOf({ [TRAINED_CLIPS]: `${fitted.join('\n')}\n` });
    const adapted = { ...model, dir, info: { ...model.info, modalities } };
    expect((await open([], adapted)).notes.at(-1)).toContain(`; 7 of the ${N - 1} clips to test on are among those`);
    expect((await open([])).notes.join()).not.toContain('adapter');
  });

  it('says where it is not known what the encoders saw, and tests every pair', async () => {
    const set = await open(undefined);
    expect(set.folds(1)).toHaveLength(5);
    expect(set.notes.join()).toContain('does not tell what its encoders were trained on');
    expect((await open([])).notes.join()).not.toContain('does not tell');
    expect((await open([])).notes.join()).toContain('chosen on pairs');
    expect((await open(['mvsa'])).notes.join()).not.toContain('chosen on pairs');
  });

  it('has no video of pictures in which no face is seen, and leaves out a pair without a text, too', async () => {
    const finds = await loadLocalModel({ bundle: (await writeTinyBundle({ findsRed: true })).dir });
    const picture = (background: string): Promise<Buffer> =>
      sharp({ create: { width: 120, height: 120, channels: 3, background } })
        .png()
        .toBuffer();
    const files = await Promise.all(['#f00', '#00f', '#00f'].map(picture));
    const pairs = files.map((file, i) => {
      const offset = files.slice(0, i).reduce((sum, { length }) => sum + length, 0);
      return `${i},${offset},${file.length},${['so happy', 'so sad', ''][i]},positive,positive,positive,train`;
    });
    const data = await folderOf({
      'mvsa/pairs.csv': `id,offset,length,text,text_label,image_label,joint_label,split\n${pairs.join('\n')}\n`,
      'mvsa/images.bin': Buffer.concat(files),
    });
    const set = await mvsaSet({
      model: finds,
      recipe: smoke,
      data,
      cache: `${data}/cache`,
      skipBad: false,
      clips: { train: 0, test: 0 },
      encodersSaw: [],
    });
    await finds.close();
    const seen = set.folds(1).flatMap(({ test }) => test.texts?.map((text, i) => [text, test.videoMask[i]]) ?? []);
    expect(seen.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
      ['so happy', 1],
      ['so sad', 0],
    ]);
    expect(set.tested.clips).toBe(2);
    expect(set.notes).toContainEqual(expect.stringMatching(/^1 of 3 clips have no video to begin with/));
    expect(set.notes).toContainEqual(expect.stringMatching(/^1 of 3 clips have neither, and are left out/));
  });

  it('never tests pairs that the encoders saw', async () => {
    const set = await open(['mvsa']);
    expect(set.notes.join()).toMatch(/tested on the others/);
    expect((await open(['mosi'])).notes.join()).not.toMatch(/tested on the others/);
    const [fold, ...others] = set.folds(1);
    expect(others).toEqual([]);
    const [trained = 0, tested = 0] = [fold?.train.n, fold?.test.n];
    // One pair has no joint label and one no text, and neither was trained on.
    const validation = Array.from({ length: N }, (_, i) => `day ${Math.floor(i / 2)}`).filter(
      (key) => ownSplit(tweetKey(key)) === 'val',
    ).length;
    expect(validation).toBeGreaterThan(0);
    expect(trained + tested).toBe(N - 1);
    expect(tested).toBeGreaterThanOrEqual(validation);
    expect(set.folds(2)).toEqual(set.folds(1));
    expect(set.tested).toEqual({ clips: tested, counted: tested });
  });
});
