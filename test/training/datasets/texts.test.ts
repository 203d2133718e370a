import { describe, expect, it } from 'vitest';

import { EMOTIONS } from '../../../training/datasets/emotions.ts';
import { openDataset } from '../../../training/datasets/open-dataset.ts';
import { folderOf, jpegLike } from './folder.ts';

describe('GoEmotions', () => {
  const rows: [ids: string, emotion: string | undefined, sentiment: string | undefined, shares: object][] = [
    ['27', 'neutral', 'neutral', { neutral: 1 }],
    ['2,3,10', 'angry', 'negative', { angry: 1 }],
    ['14,19', 'fear', 'negative', { fear: 1 }],
    ['0,26', undefined, 'positive', { happy: 0.5, surprise: 0.5 }],
    ['0,18,26', 'happy', 'positive', { happy: 2 / 3, surprise: 1 / 3 }],
    ['0,2', undefined, undefined, { happy: 0.5, angry: 0.5 }],
    ['4,27', undefined, 'positive', { happy: 0.5, neutral: 0.5 }],
    ['6', 'surprise', undefined, { surprise: 1 }],
    ['11', 'disgust', 'negative', { disgust: 1 }],
    ['9,12,16,24,25', 'sad', 'negative', { sad: 1 }],
  ];

  it.each(rows)('labels %s', async (ids, emotion, sentiment, shares) => {
    const folder = await folderOf({ 'goemotions/dev.tsv': `He said "hi, all\t${ids}\tid1\n` });
    const [sample] = (await openDataset('goemotions', folder)).samples('val');
    expect(sample).toMatchObject({ id: 'id1', text: 'He said "hi, all' });
    expect([sample?.emotion, sample?.sentiment]).toEqual([emotion, sentiment]);
    const given = EMOTIONS.flatMap((name, i) => (sample?.emotions?.[i] === 0 ? [] : [[name, sample?.emotions?.[i]]]));
    expect(Object.fromEntries(given)).toEqual(shares);
  });

  it('takes the names of the ids from labels.txt where there is one', async () => {
    const folder = await folderOf({ 'test.tsv': 'x\t0,1\tid\n', 'labels.txt': 'grief\njoy\n' });
    const [sample] = (await openDataset('goemotions', folder)).samples('test');
    expect(EMOTIONS.filter((_, i) => (sample?.emotions?.[i] ?? 0) > 0)).toEqual(['happy', 'sad']);
  });

  it.each([
    ['data_label', 'text\t28\tid'],
    ['data_label', 'text\t\tid'],
    ['data_columns', ' \t1\tid'],
    ['data_columns', 'text\t1'],
  ])('reports %s for %j', async (code, row) => {
    const folder = await folderOf({ 'train.tsv': `fine\t1\tid\n${row}\n` });
    await expect(openDataset('goemotions', folder)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/train\.tsv row 2: .*expected|train\.tsv row 2: .*fields/) as unknown,
    });
  });
});

describe('ids of GoEmotions', () => {
  it('come once, also among its files', async () => {
    const folder = await folderOf({ 'train.tsv': 'fine\t1\tone\n', 'dev.tsv': 'so sad\t25\tone\ngood\t1\ttwo\n' });
    await expect(openDataset('goemotions', folder)).rejects.toMatchObject({
      code: 'data_columns',
      message: expect.stringMatching(/train\.tsv row 1: id "one" is there twice/) as unknown,
    });
  });
});

describe('SST', () => {
  const files = {
    'sst2.dev.txt': '1 a fine film .\n',
    'sst5.dev.txt': '0 awful .\n1 weak\n2 it is\n3 good\n4 great !\n',
    'sst2.test.txt': '0 no .\n',
  };

  it('has scores in the middle of the fifths and prefers the five classes', async () => {
    const data = await openDataset('sst', await folderOf(files));
    expect(data.info.splits).toEqual({ dev: 5, test: 1 });
    expect(data.samples('dev').map((s) => [s.score, s.sentiment])).toEqual([
      [-2.4, 'negative'],
      [-1.2, 'negative'],
      [0, 'neutral'],
      [1.2, 'positive'],
      [2.4, 'positive'],
    ]);
    expect(data.samples('test')[0]).toMatchObject({ sentiment: 'negative', text: 'no.' });
  });

  it('has polarities alone for two classes', async () => {
    const [sample] = (await openDataset('sst2', await folderOf(files))).samples('dev');
    expect(sample).toEqual({ id: 'sst2-dev-1', split: 'dev', text: 'a fine film.', sentiment: 'positive' });
  });

  it.each([
    ['data_label', '5 too much'],
    ['data_columns', 'no class'],
    ['data_columns', '3 '],
  ])('reports %s for %j', async (code, line) => {
    const folder = await folderOf({ 'sst5.train.txt': `1 fine\n${line}\n` });
    const data = await openDataset('sst5', folder, { skipBad: true });
    expect(data.bad).toMatchObject([{ code, row: 2 }]);
    expect(data.info.splits).toEqual({ train: 1 });
  });
});

describe('MMSA label.csv', () => {
  const header = 'video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode';

  it('reads scores, splits and videos', async () => {
    const csv = `\ufeff${header}\nv1,1,"GOOD, ""REALLY"" GOOD",2.4,,,,Positive,train\nv1,2_x,so so,0,,,,Neutral,valid\nv2,1,bad,-0.3,,,,Negative,test\n`;
    const data = await openDataset('mosi', await folderOf({ 'MOSI/label.csv': csv }));
    expect(data.info.splits).toEqual({ train: 1, valid: 1, test: 1 });
    const text = 'GOOD, "REALLY" GOOD';
    const shared = { sentiment: 'positive', group: 'v1' };
    expect(data.samples('train')).toEqual([{ id: 'v1/1', split: 'train', text, score: 2.4, ...shared }]);
    expect(data.samples('dev')[0]).toMatchObject({ score: 0, sentiment: 'neutral' });
    expect(data.samples('test')[0]).toMatchObject({ score: -0.3, sentiment: 'negative' });
  });

  it.each([
    ['data_label', 'v,1,text,3.5,,,,x,train'],
    ['data_label', 'v,1,text,,,,,x,train'],
    ['data_label', 'v,1,text,good,,,,x,train'],
    ['data_columns', 'v,1,,1,,,,x,train'],
    ['data_columns', 'v,1,text,1,,,,x,'],
    ['data_columns', 'v,0,the same clip in another split,1,,,,x,valid'],
    ['data_columns', 'v,1,text,1'],
    ['data_columns', 'v,1,"text,1,,,,x,train'],
  ])('reports %s for %s', async (code, row) => {
    const folder = await folderOf({ 'label.csv': `${header}\nv,0,fine,1,,,,x,train\n${row}\n` });
    await expect(openDataset('mosei', folder)).rejects.toMatchObject({
      code,
      message: expect.stringContaining('label.csv row 3: ') as unknown,
    });
  });

  it.each([
    ['a row of no values', ',,,,'],
    ['a row of blanks', '  \t'],
    ['a row of nothing', ''],
  ])('reads on after %s, as a spreadsheet leaves it', async (_, row) => {
    const table = `\ufeff${row}\r\nvideo_id,clip_id,text,label,mode\r\n${row}\r\n v1,1 ,a day,1,train\r\n${row}\r\n`;
    const data = await openDataset('mosi', await folderOf({ 'label.csv': table, 'Raw/v1/1.mp4': 'x' }));
    expect(data.samples('train')).toMatchObject([
      { id: 'v1/1', group: 'v1', video: expect.stringMatching(/1\.mp4$/) as unknown },
    ]);
  });

  it('reads rows that end otherwise than the first line, and tells which of them is bad', async () => {
    const rows = [
      'v,1,a day,1,train\r\n',
      'v,2,a day,0,train\n',
      'v,3,"two\nlines",2,train\n',
      'v,4,a day,-1,train\r\n',
    ];
    for (const end of ['\r\n', '\n']) {
      const table = `video_id,clip_id,text,label,mode${end}${rows.join('')}`;
      const data = await openDataset('mosi', await folderOf({ 'label.csv': table }));
      expect(data.samples('train').map(({ score }) => score)).toEqual([1, 0, 2, -1]);
      const bad = await folderOf({ 'label.csv': `${table}v,5,a day,9,train\nv,6,a day,1,train\r\n` });
      await expect(openDataset('mosi', bad)).rejects.toMatchObject({
        code: 'data_label',
        message: expect.stringMatching(/row 7: label is "9"/) as unknown,
      });
    }
  });

  it.each([
    ['between semicolons', 'video_id;clip_id;text;label;mode\nv1;1;a day;1,5;train\n', /between semicolons; .*commas/],
    ['between tabs', '"video_id"\tclip_id\ttext\tlabel\tmode\n', /between tabs; .*commas/],
    ['without a clip', 'video_id,clip_id,text,label,mode\nv1, ,a day,1,train\n', /row 2: clip_id is empty/],
    ['without a video', 'video_id,clip_id,text,label,mode\n,1,a day,1,train\n', /row 2: video_id is empty/],
  ])('says of a table %s what is wrong', async (_, table, message) => {
    await expect(openDataset('mosi', await folderOf({ 'label.csv': table }))).rejects.toMatchObject({
      code: 'data_columns',
      message: expect.stringMatching(message) as unknown,
    });
  });

  it('names the columns that are missing', async () => {
    const folder = await folderOf({ 'label.csv': 'video_id,text,label\nv,fine,1\n' });
    await expect(openDataset('mosei', folder, { skipBad: true })).rejects.toMatchObject({
      code: 'data_columns',
      message: expect.stringContaining('no column clip_id, mode') as unknown,
    });
  });

  it('does not read one data set as the other', async () => {
    const folder = await folderOf({ 'mosi/label.csv': `${header}\nv,1,fine,1,,,,x,train\n` });
    await expect(openDataset('mosei', folder)).rejects.toMatchObject({ code: 'data_not_found' });
    await expect(openDataset('mosei', `${folder}/mosi/`)).rejects.toMatchObject({ code: 'data_not_found' });
    expect((await openDataset('mosi', `${folder}/mosi/`)).info.splits).toEqual({ train: 1 });
  });
});

describe('MELD', () => {
  const header = 'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime';
  const tail = '4,7,"00:20:57,256","00:21:00,049"';

  it.each([
    ['curly quotes', 'Oh my God, he’s “lost” it.', `Oh my God, he's "lost" it.`],
    ['Windows-1252 read as Latin-1', 'my company\u0092s plan\u0085', "my company's plan…"],
    ['UTF-8 read as Windows-1252', 'heâ€™s at the cafÃ© â€” now', "he's at the café — now"],
    ['what only looks like mojibake', 'Â and â and Ça va', 'Â and â and Ça va'],
  ])('repairs %s', async (_, published, text) => {
    const csv = `${header}\n1,"${published}",Phoebe,sadness,negative,0,3,${tail}\n`;
    const data = await openDataset('meld', await folderOf({ 'data/MELD/dev_sent_emo.csv': csv }));
    const group = 'dev/dia0';
    expect(data.samples('dev')).toEqual([
      { id: 'dev/dia0_utt3', split: 'dev', text, emotion: 'sad', sentiment: 'negative', group },
    ]);
  });

  it('reads a file that is not UTF-8', async () => {
    const csv = Buffer.from(`${header}\n1,"it\x92s Ren\xe9",R\xe9mi,joy,positive,0,0,${tail}\n`, 'latin1');
    const [sample] = (await openDataset('meld', await folderOf({ 'test_sent_emo.csv': csv }))).samples('test');
    expect(sample).toMatchObject({ text: "it's René", emotion: 'happy' });
  });

  it('refuses an utterance that is there twice', async () => {
    const csv = `${header}\n1,Wow,A,joy,positive,0,0,${tail}\n2,No,A,anger,negative,0,0,${tail}\n`;
    await expect(openDataset('meld', await folderOf({ 'train_sent_emo.csv': csv }))).rejects.toMatchObject({
      code: 'data_columns',
      message: expect.stringContaining('row 3: id "train/dia0_utt0" is there twice') as unknown,
    });
  });

  it('takes the published sentiment of a surprise', async () => {
    const csv = `${header}\n1,Wow,A,surprise,positive,0,0,${tail}\n2,No,A,surprise,negative,0,1,${tail}\n`;
    const data = await openDataset('meld', await folderOf({ 'train_sent_emo.csv': csv }));
    expect(data.samples('train').map((s) => s.sentiment)).toEqual(['positive', 'negative']);
  });
});

describe('MVSA-Single', () => {
  it('reads the packed pairs, opposed ones without a sentiment', async () => {
    const folder = await folderOf({
      'mvsa/images.bin': Buffer.concat([jpegLike(1), jpegLike(2)]),
      'mvsa/pairs.csv':
        'id,offset,length,text,text_label,image_label,joint_label,split\n' +
        '1,0,12,"nice, &amp; warm 🌞",neutral,positive,positive,train\n2,12,12,x,negative,positive,,test\n',
    });
    const data = await openDataset('mvsa', folder);
    const [first] = data.samples('train');
    expect(first).toMatchObject({ id: '1', text: 'nice, & warm 🌞', sentiment: 'positive' });
    const [second] = data.samples('test');
    expect(second?.sentiment).toBeUndefined();
    expect(second?.image?.().at(-1)).toBe(2);
  });

  it('reads the published folder', async () => {
    const folder = await folderOf({
      'MVSA_Single/labelResultAll.txt':
        'ID\ttext,image\r\n3\tneutral,positive\r\n4\tnegative,positive\r\n5\tpositive,neutral\r\n',
      ...Object.fromEntries([3, 4].map((id) => [`MVSA_Single/data/${id}.jpg`, jpegLike(id)])),
      'MVSA_Single/data/5.JPG': jpegLike(5),
      'MVSA_Single/data/3.TXT': 'sunny\r\n',
      'MVSA_Single/data/4.txt': Buffer.from('caf\xe9', 'latin1'),
      'MVSA_Single/data/5.txt': 'well',
    });
    const data = await openDataset('mvsa', folder);
    const all = Object.keys(data.info.splits).flatMap((split) => data.samples(split));
    const byId = all.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(byId.map((s) => [s.id, s.text, s.sentiment, s.image?.().at(-1)])).toEqual([
      ['3', 'sunny', 'positive', 3],
      ['4', 'café', undefined, 4],
      ['5', 'well', 'positive', 5],
    ]);
  });

  it('has a tweet and its retweets in one group, packed or published', async () => {
    const tweets = ['What a day! http://t.co/1', 'RT @you: what a day http://t.co/2', 'http://t.co/3', 'Another day'];
    const header = 'id,offset,length,text,text_label,image_label,joint_label,split';
    const rows = tweets.map((text, i) => `${i},${12 * i},12,${text},positive,positive,positive,train`);
    const folders = [
      { 'pairs.csv': [header, ...rows].join('\n'), 'images.bin': Buffer.concat(tweets.map((_, i) => jpegLike(i))) },
      {
        'labelResultAll.txt': ['ID\ttext,image', ...tweets.map((_, i) => `${i}\tpositive,positive`)].join('\n'),
        ...Object.fromEntries(tweets.map((text, i) => [`data/${i}.txt`, text])),
        ...Object.fromEntries(tweets.map((_, i) => [`data/${i}.jpg`, jpegLike(i)])),
      },
    ];
    for (const files of folders) {
      const data = await openDataset('mvsa', await folderOf(files));
      const all = Object.keys(data.info.splits).flatMap((split) => data.samples(split));
      const groups = all.toSorted((a, b) => a.id.localeCompare(b.id)).map(({ group }) => group);
      expect(groups).toEqual(['whataday', 'whataday', '2', 'anotherday']);
    }
  });

  it('refuses the labels of several annotators, as MVSA-Multiple has them, instead of taking the last', async () => {
    const folder = await folderOf({
      'labelResultAll.txt': 'ID\ttext,image\ttext,image\n3\tneutral,positive\tnegative,negative\n',
      'data/3.txt': 'sunny',
      'data/3.jpg': jpegLike(3),
    });
    await expect(openDataset('mvsa', folder)).rejects.toMatchObject({
      code: 'data_columns',
      message: expect.stringMatching(/has several annotators, as MVSA-Multiple has; only MVSA-Single/) as unknown,
    });
  });

  it('refuses a tweet that is there twice, packed or published', async () => {
    const header = 'id,offset,length,text,text_label,image_label,joint_label,split';
    const row = '1,0,12,hi,positive,positive,positive,train';
    const folders = [
      { 'pairs.csv': [header, row, row.replaceAll('positive', 'negative')].join('\n'), 'images.bin': jpegLike(1) },
      {
        'labelResultAll.txt': 'ID\ttext,image\n1\tneutral,positive\n1\tnegative,negative\n',
        'data/1.txt': 'sunny',
        'data/1.jpg': jpegLike(1),
      },
    ];
    for (const files of folders)
      await expect(openDataset('mvsa', await folderOf(files))).rejects.toMatchObject({
        code: 'data_columns',
        message: expect.stringContaining('row 3: id "1" is there twice') as unknown,
      });
  });
});
