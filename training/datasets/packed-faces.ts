import { join } from 'node:path';

import { type Emotion, EMOTION_SENTIMENT } from './emotions.ts';
import { holds } from './files.ts';
import type { Layout } from './layout.ts';
import { once } from './once.ts';
import { packedImages } from './packed.ts';
import type { Sample } from './sample.ts';
import { RowError } from './sink.ts';
import { readTable } from './table.ts';

/** What an emotion column says of a face. */
export type FaceLabel = Pick<Sample, 'emotion' | 'sentiment'>;

/** A face of one emotion. */
export function faceLabel(emotion: Emotion): FaceLabel {
  return { emotion, sentiment: EMOTION_SENTIMENT[emotion] };
}

/**
 * Faces packed as `images.bin` and `index.csv` (`offset,length,split,emotion,name`).
 *
 * @param labelOf the meaning of a value of the emotion column; throws a {@link RowError} for one it does not know
 * @param groupOf what faces belong together, by the name of the image
 */
export function packedFaces(labelOf: (emotion: string) => FaceLabel, groupOf?: (name: string) => string): Layout {
  return {
    holds: 'index.csv and images.bin',
    fits: (folder) => holds(folder, 'index.csv', 'images.bin'),
    async read(folder, sink) {
      const images = packedImages(folder);
      const isNew = once();
      const columns = ['offset', 'length', 'split', 'emotion', 'name'];
      await readTable(join(folder, 'index.csv'), { columns }, sink, (row) => {
        const { name = '', emotion = '' } = row;
        const split = (row['split'] ?? '').trim();
        if (split === '') throw new RowError('data_columns', 'split is empty, expected the name of a split');
        const sample = { id: name, split, image: images(row), group: groupOf?.(name), ...labelOf(emotion) };
        isNew(name);
        sink.samples.push(sample);
      });
    },
  };
}
