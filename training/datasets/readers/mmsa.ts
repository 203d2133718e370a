import { join } from 'node:path';

import { clipFiles } from '../clip-files.ts';
import { holds } from '../files.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { once } from '../once.ts';
import { polarityOfScore } from '../polarity.ts';
import { textOf } from '../required.ts';
import { RowError } from '../sink.ts';
import { readTable } from '../table.ts';
import { transcriptOf } from '../transcript-of.ts';

const COLUMNS = ['video_id', 'clip_id', 'text', 'label', 'mode'];
/** A decimal number: `Number` also takes `0x1` and the like. */
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/**
 * MMSA's `label.csv`: one utterance a row, `label` its score in [-3, 3], `mode` its split. Clips are in
 * `Raw/VIDEO/CLIP.mp4`, or in `VIDEO/CLIP.mp4` beside the table; a copy without them is a text-only one.
 * What has a clip may have a blank `text`.
 */
const labelCsv: Layout = {
  holds: 'label.csv',
  fits: (folder) => holds(folder, 'label.csv'),
  async read(folder, sink) {
    const clips = await clipFiles(folder, (path) => /[^/]+\/[^/]+$/.exec(path)?.[0]);
    const isNew = once();
    await readTable(join(folder, 'label.csv'), { columns: COLUMNS }, sink, (row) => {
      const { label = '' } = row;
      const group = textOf(row, 'video_id', 'name').trim();
      const clip = textOf(row, 'clip_id', 'name').trim();
      const split = (row['mode'] ?? '').trim();
      const score = NUMBER.test(label) ? Number(label) : Number.NaN;
      if (!(score >= -3 && score <= 3)) {
        throw new RowError('data_label', `label is "${label}", expected a score from -3 to 3`);
      }
      if (split === '') throw new RowError('data_columns', 'mode is empty, expected train, valid or test');
      const id = `${group}/${clip}`;
      const video = clips.get(id.normalize('NFC'));
      const text = transcriptOf(row, 'text', video);
      isNew(id);
      sink.samples.push({ id, split, text, video, score, sentiment: polarityOfScore(score), group });
    });
  },
};

/** CMU-MOSI (Zadeh et al., 2016): utterances of opinion videos, in capitals. */
export const mosi: DatasetSpec = {
  name: 'mosi',
  title: 'CMU-MOSI',
  licence: 'research use, see the home page',
  home: 'https://github.com/thuiar/MMSA (label.csv of MOSI)',
  folders: ['mosi', 'cmu-mosi'],
  inside: ['Raw'],
  targets: ['score', 'sentiment'],
  clips: 'Raw/VIDEO_ID/CLIP_ID.mp4',
  layouts: [labelCsv],
};

/** CMU-MOSEI (Zadeh et al., ACL 2018): as CMU-MOSI, fifteen times the size, with fillers in brackets. */
export const mosei: DatasetSpec = {
  name: 'mosei',
  title: 'CMU-MOSEI',
  licence: 'research use, see the home page',
  home: 'https://github.com/thuiar/MMSA (label.csv of MOSEI)',
  folders: ['mosei', 'cmu-mosei'],
  inside: ['Raw'],
  targets: ['score', 'sentiment'],
  clips: 'Raw/VIDEO_ID/CLIP_ID.mp4',
  layouts: [labelCsv],
};
