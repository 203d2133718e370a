import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clipFiles } from '../../../training/datasets/clip-files.ts';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { folderOf, jpegLike } from './folder.ts';

const MOSI = 'video_id,clip_id,text,label,mode\nv1,1,a great day,1.5,train\nv2,1,so sad,-2,valid\n';
const COLUMNS = 'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID';

describe('a blank transcript', () => {
  it.each([
    ['mosi', 'label.csv', 'Raw/v1', MOSI.replace('a great day', ' ').replace('so sad', '&nbsp;')],
    ['meld', 'train_sent_emo.csv', 'train_splits', `${COLUMNS}\n1, ,A,joy,positive,0,1\n2,,A,sadness,negative,0,2\n`],
  ])('is none of %s where the clip is there, and a bad row where it is not', async (name, file, folder, table) => {
    const clip = name === 'mosi' ? '1.mp4' : 'dia0_utt1.mp4';
    const copy = await folderOf({ [file]: table, [`${folder}/${clip}`]: 'x' });
    const reason = { code: 'data_columns', message: expect.stringMatching(/ row 3: \w+ is empty, expected a text/) };
    await expect(openDataset(name, copy)).rejects.toMatchObject(reason);
    const data = await openDataset(name, copy, { skipBad: true });
    expect(data.bad).toMatchObject([{ row: 3 }]);
    const [sample, ...others] = data.samples('train');
    expect(others).toEqual([]);
    expect([sample?.text, sample?.video]).toEqual([undefined, join(copy, folder, clip)]);
    const textOnly = openDataset(name, await folderOf({ [file]: table }));
    await expect(textOnly).rejects.toMatchObject({ code: 'data_columns' });
  });
});

describe('clips by their names', () => {
  const umlaut = 'M\u00fcller';

  it.each(['NFC', 'NFD'])('are found whichever form of Unicode the table has: %s', async (form) => {
    for (const other of ['NFC', 'NFD']) {
      const table = 'video_id,clip_id,text,label,mode\n' + `${umlaut},caf\u00e9,a day,1,train\n`.normalize(form);
      const clip = `Raw/${umlaut}/caf\u00e9.mp4`.normalize(other);
      const [sample] = (await openDataset('mosi', await folderOf({ 'label.csv': table, [clip]: 'x' }))).samples(
        'train',
      );
      expect(sample?.video?.normalize().endsWith(clip.normalize()), other).toBe(true);
      const line = `{"id":"1","split":"train","video":"Raw/${umlaut}/caf\u00e9.mp4","image":"\u00e9.png"}\n`;
      const folder = await folderOf({
        'manifest.jsonl': line.normalize(form),
        [clip]: 'x',
        ['\u00e9.png'.normalize(other)]: jpegLike(1),
      });
      const [own] = (await openDataset('clips', folder)).samples('train');
      expect(own?.video?.normalize().endsWith(clip.normalize()), other).toBe(true);
      expect(Uint8Array.from(own?.image?.() ?? []), other).toEqual(jpegLike(1));
    }
  });

  it('are found with every ending of what is decoded, in any case', async () => {
    const endings = ['ts', 'MPG', 'mpeg', 'gif', 'm4v', 'webm', 'WMV', 'ogv', '3gp', 'mts', 'm2ts', 'vob', 'asf'];
    const root = await folderOf(Object.fromEntries(endings.map((ending, i) => [`v/${i}.${ending}`, 'x'])));
    expect([...(await clipFiles(root, (path) => path)).keys()]).toHaveLength(endings.length);
  });

  it('are those of the innermost folder that names a split, for MELD', async () => {
    const row = `${COLUMNS}\n1,what a day,A,joy,positive,0,3\n`;
    const published = { train: 'train_splits', dev: 'dev_splits_complete', test: 'output_repeated_splits_test' };
    const own = { train: 'latest_train', dev: 'mydev', test: 'mytest' };
    for (const [above, folders] of [
      ['', published],
      ['latest/', published],
      ['train_and_test/', published],
      ['dev/', own],
    ] as const) {
      const clips = Object.values(folders).map((folder) => `${above}${folder}/dia0_utt3.mp4`);
      const tables = Object.keys(folders).map((split) => `${split}_sent_emo.csv`);
      const root = await folderOf(
        Object.fromEntries([...clips.map((clip) => [clip, 'x']), ...tables.map((table) => [table, row])] as const),
      );
      const data = await openDataset('meld', root);
      for (const [i, split] of Object.keys(folders).entries())
        expect(data.samples(split)[0]?.video).toBe(join(root, clips[i] ?? ''));
    }
  });

  it('are not their thumbnails, nor what lies beside them', async () => {
    const root = await folderOf({ 'a/1.gif': 'x', 'a/1.asf': 'x', 'b/a/1.mov': 'x', 'c/a/1.mp4': 'x', 'a/2.wav': 'x' });
    const found = await clipFiles(root, (path) => path.split('/').slice(-2).join('/'));
    expect([...found]).toEqual([['a/1', join(root, 'b/a/1.mov')]]);
  });
});

describe('clips behind links', () => {
  it.each([
    ['Raw itself', 'mosi/Raw', '../disk/clips'],
    ['a folder in Raw', 'mosi/Raw/v1', '../../disk/clips/v1'],
    ['a clip', 'mosi/Raw/v1/1.mp4', '../../../disk/clips/v1/1.mp4'],
  ])('are found where %s is one', async (_, link, target) => {
    const root = await folderOf({ 'mosi/label.csv': MOSI, 'disk/clips/v1/1.mp4': 'x' });
    await mkdir(join(root, link, '..'), { recursive: true });
    await symlink(target, join(root, link));
    const data = await openDataset('mosi', join(root, 'mosi'));
    expect(data.samples('train')[0]?.video).toBe(join(root, 'mosi/Raw/v1/1.mp4'));
    expect(data.samples('valid')[0]?.video).toBeUndefined();
  });

  it("are found for MELD by the link's name", async () => {
    const row = `${COLUMNS}\n1,what a day,A,joy,positive,0,3\n`;
    const root = await folderOf({ 'meld/train_sent_emo.csv': row, 'disk/all/dia0_utt3.mp4': 'x' });
    await symlink('../disk/all', join(root, 'meld/train_splits'));
    const data = await openDataset('meld', join(root, 'meld'));
    expect(data.samples('train')[0]?.video).toBe(join(root, 'meld/train_splits/dia0_utt3.mp4'));
  });

  it('end where a link leads back, or nowhere', async () => {
    const root = await folderOf({ 'a/b/1.mp4': 'x', 'a/c.mp4/2.mp4': 'y' });
    await symlink('..', join(root, 'a/b/up'));
    await symlink(root, join(root, 'a/all'));
    await symlink('b', join(root, 'a/same'));
    await symlink('gone', join(root, 'a/d.mp4'));
    const found = await clipFiles(root, (path) => path);
    expect([...found.keys()]).toEqual(['a/b/1', 'a/c.mp4/2', 'a/same/1']);
  });
});
