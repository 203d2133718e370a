import { join } from 'node:path';

import { clipFiles } from '../clip-files.ts';
import { emotionOf } from '../emotions.ts';
import { filesIn } from '../files.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { once } from '../once.ts';
import { polarityOf } from '../polarity.ts';
import { textOf } from '../required.ts';
import { RowError } from '../sink.ts';
import { readTable } from '../table.ts';
import { transcriptOf } from '../transcript-of.ts';

const SPLIT_FILE = /^[a-z]+_sent_emo\.csv$/;
const COLUMNS = ['Utterance', 'Speaker', 'Emotion', 'Sentiment', 'Dialogue_ID', 'Utterance_ID'];

/** Folders of clips by split, as the published archives unpack: `train_splits`, `dev_splits_complete`, ... */
const SPLIT = /train|dev|test/i;
/** Where a word begins: `latest_train` is no test split. */
const SPLIT_WORD = /(?<![a-z])(?:train|dev|test)/i;
const CLIP_NAME = /^dia\d+_utt\d+$/;

/** By the innermost folder that names a split. */
function clipKey(path: string): string | undefined {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  const folder = parts.findLast((part) => SPLIT.test(part)) ?? '';
  const split = (SPLIT_WORD.exec(folder) ?? SPLIT.exec(folder))?.[0].toLowerCase();
  return split === undefined || !CLIP_NAME.test(name) ? undefined : `${split}/${name}`;
}

/**
 * `train_sent_emo.csv`, `dev_sent_emo.csv`, `test_sent_emo.csv`. An utterance's clip is `diaX_uttY.mp4` below a folder
 * that begins with its split, or has it in its name. The times in the table are not read: many are wrong.
 * What has a clip may have a blank `Utterance`.
 */
const published: Layout = {
  holds: '{train,dev,test}_sent_emo.csv',
  fits: async (folder) => (await filesIn(folder, SPLIT_FILE)).length > 0,
  async read(folder, sink) {
    const clips = await clipFiles(folder, clipKey);
    const isNew = once();
    for (const file of await filesIn(folder, SPLIT_FILE)) {
      const split = file.replace('_sent_emo.csv', '');
      await readTable(join(folder, file), { columns: COLUMNS }, sink, (row) => {
        const emotion = emotionOf(row['Emotion'] ?? '');
        if (emotion === undefined) {
          const expected = 'anger, disgust, fear, joy, neutral, sadness or surprise';
          throw new RowError('data_label', `Emotion is "${row['Emotion']}", expected ${expected}`);
        }
        const sentiment = polarityOf(row['Sentiment'] ?? '');
        if (sentiment === undefined) {
          const message = `Sentiment is "${row['Sentiment']}", expected negative, neutral or positive`;
          throw new RowError('data_label', message);
        }
        const group = `${split}/dia${textOf(row, 'Dialogue_ID', 'number').trim()}`;
        const id = `${group}_utt${textOf(row, 'Utterance_ID', 'number').trim()}`;
        isNew(id);
        const video = clips.get(id);
        const text = transcriptOf(row, 'Utterance', video);
        sink.samples.push({ id, split, text, video, emotion, sentiment, group });
      });
    }
  },
};

/** MELD (Poria et al., ACL 2019): utterances of the series Friends, seven emotions and three sentiments. */
export const meld: DatasetSpec = {
  name: 'meld',
  title: 'MELD',
  licence: 'GPL-3.0 (repository); research use',
  home: 'https://github.com/declare-lab/MELD/tree/master/data/MELD',
  folders: ['meld', 'meld-raw', 'meld-master'],
  inside: ['data/MELD', 'data', 'MELD'],
  targets: ['emotion', 'sentiment'],
  clips: 'SPLIT/diaDIALOGUE_ID_uttUTTERANCE_ID.mp4',
  layouts: [published],
};
