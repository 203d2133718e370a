import { join } from 'node:path';

import type { Sentiment } from '../../../models/model.ts';
import { cleanText } from '../clean-text.ts';
import { emotionShares, topEmotion } from '../emotions.ts';
import { filesIn, holds } from '../files.ts';
import { GOEMOTIONS_LABELS, type GoEmotionsLabel } from '../goemotions-labels.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { once } from '../once.ts';
import { jointPolarity } from '../polarity.ts';
import { readText } from '../read-text.ts';
import { textOf } from '../required.ts';
import type { Sample } from '../sample.ts';
import { RowError } from '../sink.ts';
import { readTable } from '../table.ts';

const SPLIT_FILE = /^(train|training|dev|val|valid|validation|test)\.tsv$/i;

/** `train.tsv`, `dev.tsv`, `test.tsv`: text, ids of the labels between commas, id of the comment. */
const published: Layout = {
  holds: 'train.tsv, dev.tsv or test.tsv',
  fits: async (folder) => (await filesIn(folder, SPLIT_FILE)).length > 0,
  async read(folder, sink) {
    const names = await labelNames(folder);
    const isNew = once();
    for (const file of await filesIn(folder, SPLIT_FILE)) {
      const split = file.slice(0, -'.tsv'.length);
      const table = { columns: ['text', 'labels', 'id'], header: false, delimiter: '\t', quotes: false };
      await readTable(join(folder, file), table, sink, (row) => {
        const { id = '' } = row;
        const sample = { id, split, text: cleanText(textOf(row, 'text')), ...labelsOf(row['labels'] ?? '', names) };
        isNew(id);
        sink.samples.push(sample);
      });
    }
  },
};

/** Names by id: `labels.txt` or `emotions.txt` beside the data, else the built-in list. */
async function labelNames(folder: string): Promise<readonly string[]> {
  for (const name of ['labels.txt', 'emotions.txt']) {
    if (!(await holds(folder, name))) continue;
    return (await readText(join(folder, name)))
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }
  return [...GOEMOTIONS_LABELS.keys()];
}

/**
 * Labels of a comment. Emotion: shares of the Ekman classes, and the largest one where it is alone. Sentiment: joined
 * like MVSA's, an ambiguous label saying nothing; none where positive and negative meet or all are ambiguous.
 */
function labelsOf(ids: string, names: readonly string[]): Pick<Sample, 'emotion' | 'emotions' | 'sentiment'> {
  const meanings = ids.split(',').map((id) => {
    const name = /^\s*\d+\s*$/.test(id) ? names[Number(id)] : undefined;
    const meaning = name === undefined ? undefined : GOEMOTIONS_LABELS.get(name);
    if (name === undefined || meaning === undefined) {
      throw new RowError('data_label', `labels has "${id}", expected ids from 0 to ${names.length - 1} between commas`);
    }
    return meaning;
  });
  const emotions = emotionShares(meanings.map(({ emotion }) => emotion));
  return {
    emotions,
    emotion: emotions === undefined ? undefined : topEmotion(emotions),
    sentiment: sentimentOf(meanings),
  };
}

function sentimentOf(meanings: readonly GoEmotionsLabel[]): Sentiment | undefined {
  const known = meanings.flatMap(({ sentiment }) => (sentiment === undefined ? [] : [sentiment]));
  const [first, ...others] = known;
  let joint = first;
  for (const sentiment of others) joint = joint === undefined ? undefined : jointPolarity(joint, sentiment);
  return joint;
}

/** GoEmotions (Demszky et al., ACL 2020): Reddit comments with one or more of 28 emotions. */
export const goemotions: DatasetSpec = {
  name: 'goemotions',
  title: 'GoEmotions',
  licence: 'Apache-2.0 (repository), CC BY 4.0 (data)',
  home: 'https://github.com/google-research/google-research/tree/master/goemotions/data',
  folders: ['goemotions'],
  inside: ['data'],
  targets: ['emotion', 'sentiment'],
  layouts: [published],
};
