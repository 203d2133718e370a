import { join } from 'node:path';

import { emotionOf } from '../emotions.ts';
import { filesIn, holds } from '../files.ts';
import { IMAGE_FILE, imageOfFile } from '../image-file.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { ownSplit } from '../own-split.ts';
import { type FaceLabel, faceLabel, packedFaces } from '../packed-faces.ts';
import { RowError } from '../sink.ts';
import { readTable } from '../table.ts';

const EXPECTED = 'anger, contempt, disgust, fear, happiness, neutral, sadness, surprise';

/** Contempt is none of the model's classes: such a face has a negative sentiment and no emotion. */
function labelOf(name: string): FaceLabel {
  const emotion = emotionOf(name);
  if (emotion !== undefined) return faceLabel(emotion);
  if (name.trim().toLowerCase() === 'contempt') return { sentiment: 'negative' };
  throw new RowError('data_label', `emotion is "${name}", expected one of ${EXPECTED} in any case`);
}

/** The person, as the file names give it: `Adam_Sandler_0001.jpg`. */
function personOf(image: string): string {
  return image.replace(IMAGE_FILE, '').replace(/_\d+$/, '');
}

/** `data/legend.csv` (`user.id,image,emotion`) and `images/`; it has no splits, so they are made by person. */
const published: Layout = {
  holds: 'data/legend.csv and images/',
  fits: (folder) => holds(folder, 'data/legend.csv', 'images'),
  async read(folder, sink) {
    const present = new Set(await filesIn(join(folder, 'images'), IMAGE_FILE));
    const seen = new Map<string, number>();
    const file = join(folder, 'data', 'legend.csv');
    await readTable(file, { columns: ['image', 'emotion'] }, sink, (row) => {
      const { image = '', emotion = '' } = row;
      if (!present.has(image)) throw new RowError('data_image', `images/${image} does not exist`);
      const group = personOf(image);
      // An image that several people labelled has several rows.
      const times = (seen.get(image) ?? 0) + 1;
      seen.set(image, times);
      const id = times === 1 ? image : `${image}#${times}`;
      const label = labelOf(emotion);
      sink.samples.push({
        id,
        split: ownSplit(group),
        group,
        image: imageOfFile(join(folder, 'images', image)),
        ...label,
      });
    });
  },
};

/** muxspace facial_expressions: faces from the web, mostly neutral or happy, labelled by few people. */
export const muxspace: DatasetSpec = {
  name: 'muxspace',
  title: 'muxspace facial_expressions',
  licence: 'Apache-2.0',
  home: 'https://github.com/muxspace/facial_expressions',
  folders: ['faces-muxspace', 'muxspace', 'facial_expressions', 'facial_expressions-master'],
  targets: ['emotion'],
  layouts: [packedFaces(labelOf, personOf), published],
};
