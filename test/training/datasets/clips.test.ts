import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { folderOf } from './folder.ts';

async function read(...lines: string[]) {
  const folder = await folderOf({ 'manifest.jsonl': `${lines.join('\n')}\n`, 'a.mp4': 'x', 'in/b.mp4': 'y' });
  return openDataset('clips', folder, { skipBad: true });
}

const GOOD = '{"id":"a","split":"train","video":"a.mp4","text":"Hello  there","score":-1.5,"emotion":"joy"}';

describe('a folder of clips', () => {
  it('reads what the manifest says', async () => {
    const dataset = await read(GOOD, '', '{"id":"b","split":"val","video":"in/b.mp4","sentiment":"neutral"}');
    expect(dataset.bad).toEqual([]);
    expect(dataset.samples('train')[0]).toMatchObject({
      id: 'a',
      text: 'Hello there',
      score: -1.5,
      sentiment: 'negative',
      emotion: 'happy',
      video: expect.stringMatching(/a\.mp4$/),
    });
    expect(dataset.samples('dev')[0]).toMatchObject({ id: 'b', text: undefined, sentiment: 'neutral' });
  });

  it('takes the names of labels in any case', async () => {
    const dataset = await read('{"id":"b","split":"Train","text":"x","sentiment":"Positive","emotion":"ANGER"}');
    expect(dataset.bad).toEqual([]);
    expect(dataset.samples('train')).toMatchObject([{ sentiment: 'positive', emotion: 'angry' }]);
  });

  it('takes a name that begins with two dots', async () => {
    const line = '{"id":"a","split":"train","image":"..take1.png"}';
    const folder = await folderOf({ 'manifest.jsonl': line, '..take1.png': 'x' });
    expect((await openDataset('clips', folder)).samples('train')).toHaveLength(1);
  });

  it('is read whatever its folder is called', async () => {
    const root = await folderOf({ 'mosi/manifest.jsonl': `${GOOD}\n`, 'mosi/a.mp4': 'x' });
    expect((await openDataset('clips', `${root}/mosi`)).info.splits).toEqual({ train: 1 });
  });

  it.each([
    ['no JSON', '{"id":"b"', 'data_columns', /no JSON object/],
    ['NaN as a score', '{"id":"b","split":"train","text":"x","score":NaN}', 'data_columns', /NaN .* leave out/],
    [
      'no number as the last field',
      '{"id":"b","split":"train","text":"x","score": -Infinity }',
      'data_columns',
      /NaN .* leave out/,
    ],
    ['no split', '{"id":"b","text":"x"}', 'data_columns', /split is missing, expected the name of a split/],
    [
      'an unknown field',
      '{"id":"b","split":"train","text":"x","label":1}',
      'data_columns',
      /no field "label"; there are id, split/,
    ],
    ['an empty text', '{"id":"b","split":"train","text":" "}', 'data_columns', /text is empty/],
    ['a text of blanks in HTML', '{"id":"b","split":"train","text":"&nbsp; "}', 'data_columns', /text is empty/],
    [
      'a score beyond 3',
      '{"id":"b","split":"train","text":"x","score":4}',
      'data_label',
      /score is 4, expected a number from -3 to 3/,
    ],
    [
      'a score that is null',
      '{"id":"b","split":"train","text":"x","score":null}',
      'data_label',
      /score is null, expected a number from -3 to 3; leave it out/,
    ],
    [
      'a split that is null',
      '{"id":"b","split":null,"text":"x"}',
      'data_columns',
      /split is null, expected the name of a split$/,
    ],
    ['a line that is null', 'null', 'data_columns', /no JSON object/],
    [
      'an emotion of none',
      '{"id":"b","split":"train","text":"x","emotion":"bored"}',
      'data_label',
      /bored.*angry, disg/,
    ],
    ['a sentiment of none', '{"id":"b","split":"train","text":"x","sentiment":"good"}', 'data_label', /good.*neutral/],
    ['a clip that is not there', '{"id":"b","split":"train","video":"c.mp4"}', 'data_clip', /c\.mp4 does not exist/],
    ['a clip outside', '{"id":"b","split":"train","video":"../a.mp4"}', 'data_columns', /outside the folder/],
    ['a path of no letters', '{"id":"b","split":"train","video":""}', 'data_columns', /video is empty; leave it out/],
    ['an absolute path', '{"id":"b","split":"train","video":"/etc/passwd"}', 'data_columns', /outside the folder/],
    ['an id twice', '{"id":"a","split":"train","text":"x"}', 'data_columns', /twice/],
    ['nothing to read', '{"id":"b","split":"train","score":1}', 'data_columns', /neither/],
  ])('tells of %s with its line, and reads the rest', async (_, line, code, message) => {
    const { bad, info } = await read(GOOD, line);
    expect(bad).toMatchObject([{ code, row: 2, message: expect.stringMatching(message) }]);
    expect(info.splits).toEqual({ train: 1 });
  });
});
