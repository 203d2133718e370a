import { join } from 'node:path';

import { UndertoneError } from '../../../models/errors.ts';
import type { Sentiment } from '../../../models/model.ts';
import { cleanText } from '../clean-text.ts';
import { filesIn, holds } from '../files.ts';
import { imageOfFile } from '../image-file.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { once } from '../once.ts';
import { ownSplit } from '../own-split.ts';
import { packedImages } from '../packed.ts';
import { jointPolarity, polarityOf } from '../polarity.ts';
import { readText } from '../read-text.ts';
import { RowError } from '../sink.ts';
import { tweetKey } from '../tweet-key.ts';
import { type Row, readTable } from '../table.ts';

const FILE = /^\d+\.(jpg|txt)$/i;

/** @throws UndertoneError `data_columns` for MVSA-Multiple's table, which has the labels of three annotators in a row */
async function refuseMultiple(table: string): Promise<void> {
  const [header = ''] = (await readText(table)).split('\n');
  if (header.split(/[\t,]/).filter((name) => name.trim() === 'text').length < 2) return;
  const message = `${table} has several annotators, as MVSA-Multiple has; only MVSA-Single, with one, is read`;
  throw new UndertoneError('data_columns', message);
}

function sentimentIn(row: Row, column: string): Sentiment {
  const sentiment = polarityOf(row[column] ?? '');
  if (sentiment !== undefined) return sentiment;
  throw new RowError('data_label', `${column} is "${row[column] ?? ''}", expected negative, neutral or positive`);
}

/** A tweet and its retweets; one without words is on its own. */
function groupOf(id: string, text: string): string {
  return tweetKey(text) || id;
}

/** `pairs.csv` and `images.bin`; an empty `joint_label` means that text and image oppose. */
const packed: Layout = {
  holds: 'pairs.csv and images.bin',
  fits: (folder) => holds(folder, 'pairs.csv', 'images.bin'),
  async read(folder, sink) {
    const images = packedImages(folder);
    const isNew = once();
    const columns = ['id', 'offset', 'length', 'text', 'text_label', 'image_label', 'joint_label', 'split'];
    await readTable(join(folder, 'pairs.csv'), { columns }, sink, (row) => {
      const { id = '', joint_label: joint = '' } = row;
      const split = (row['split'] ?? '').trim();
      if (split === '') throw new RowError('data_columns', 'split is empty, expected the name of a split');
      const text = cleanText(row['text'] ?? '');
      const sample = {
        id,
        split,
        text,
        group: groupOf(id, text),
        image: images(row),
        sentiment: joint === '' ? undefined : sentimentIn(row, 'joint_label'),
      };
      for (const column of ['text_label', 'image_label']) sentimentIn(row, column);
      isNew(id);
      sink.samples.push(sample);
    });
  },
};

/**
 * `labelResultAll.txt` (`ID`, then `text,image`), `data/ID.txt`, `data/ID.jpg`, endings in any case; it has no splits, so they
 * are made.
 */
const published: Layout = {
  holds: 'labelResultAll.txt and data/',
  fits: (folder) => holds(folder, 'labelResultAll.txt', 'data'),
  async read(folder, sink) {
    const table = join(folder, 'labelResultAll.txt');
    await refuseMultiple(table);
    const present = new Map((await filesIn(join(folder, 'data'), FILE)).map((name) => [name.toLowerCase(), name]));
    const texts = new Map<string, string>();
    for (const [key, name] of present) {
      if (!key.endsWith('.txt')) continue;
      texts.set(key.slice(0, -4), cleanText(await readText(join(folder, 'data', name))));
    }
    const columns = ['ID', 'text', 'image'];
    const isNew = once();
    await readTable(table, { columns, delimiter: ['\t', ','] }, sink, (row) => {
      const id = (row['ID'] ?? '').trim();
      const text = texts.get(id);
      if (text === undefined) throw new RowError('data_columns', `data/${id}.txt does not exist`);
      const image = present.get(`${id}.jpg`);
      if (image === undefined) throw new RowError('data_image', `data/${id}.jpg does not exist`);
      const sentiment = jointPolarity(sentimentIn(row, 'text'), sentimentIn(row, 'image'));
      isNew(id);
      sink.samples.push({
        id,
        split: ownSplit(tweetKey(text)),
        text,
        group: groupOf(id, text),
        image: imageOfFile(join(folder, 'data', image)),
        sentiment,
      });
    });
  },
};

/** MVSA-Single (Niu et al., MMM 2016): tweets, each an image and a text, each labelled on its own. */
export const mvsa: DatasetSpec = {
  name: 'mvsa',
  title: 'MVSA-Single',
  licence: 'research use, see the home page',
  home: 'https://mcrlab.net/research/mvsa-sentiment-analysis-on-multi-view-social-data/',
  folders: ['mvsa', 'mvsa-single', 'mvsa_single'],
  inside: ['MVSA_Single'],
  targets: ['sentiment'],
  layouts: [packed, published],
};
