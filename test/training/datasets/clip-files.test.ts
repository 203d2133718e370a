import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clipFiles } from '../../../training/datasets/clip-files.ts';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { folderOf } from './folder.ts';

const MOSI = 'video_id,clip_id,text,label,mode\nv1,1,a great day,1.5,train\nv2,1,so sad,-2,valid\n';
const COLUMNS = 'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID';

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
