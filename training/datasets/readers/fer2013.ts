import { join } from 'node:path';

import { EMOTIONS, emotionOf } from '../emotions.ts';
import { filesIn, holds, subfolders } from '../files.ts';
import { greyPng } from '../grey-png.ts';
import { IMAGE_FILE, imageOfFile } from '../image-file.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { ownSplit } from '../own-split.ts';
import { type FaceLabel, faceLabel, packedFaces } from '../packed-faces.ts';
import { RowError, type Sink } from '../sink.ts';
import { findSplit } from '../splits.ts';
import { readTable } from '../table.ts';

const SIDE = 48;
/** Classes in the order of the published CSV's numbers. */
const CODES = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'] as const;
const USAGES: Readonly<Record<string, string>> = { Training: 'train', PublicTest: 'val', PrivateTest: 'test' };
const CSV_NAMES = ['fer2013.csv', 'icml_face_data.csv'];

function labelOf(name: string): FaceLabel {
  const emotion = emotionOf(name);
  if (emotion === undefined) {
    throw new RowError('data_label', `emotion is "${name}", expected one of ${EMOTIONS.join(', ')}`);
  }
  return faceLabel(emotion);
}

/** `fer2013.csv`: `emotion` 0 to 6, `pixels` 48 x 48 grey values between blanks, `Usage`. */
const csv: Layout = {
  holds: 'fer2013.csv',
  fits: async (folder) => (await csvFile(folder)) !== undefined,
  async read(folder, sink) {
    const file = join(folder, (await csvFile(folder)) ?? 'fer2013.csv');
    await readTable(file, { columns: ['emotion', 'pixels', 'Usage'], large: true }, sink, (row, line) => {
      const emotion = CODES[Number(/^\s*[0-6]\s*$/.test(row['emotion'] ?? '') ? row['emotion'] : Number.NaN)];
      if (emotion === undefined) throw new RowError('data_label', `emotion is "${row['emotion']}", expected 0 to 6`);
      const usage = (row['Usage'] ?? '').trim();
      const split = Object.hasOwn(USAGES, usage) ? USAGES[usage] : undefined;
      if (split === undefined) {
        throw new RowError('data_columns', `Usage is "${usage}", expected ${Object.keys(USAGES).join(', ')}`);
      }
      const pixels = greyPixels(row['pixels'] ?? '');
      sink.samples.push({ id: `row-${line}`, split, image: () => greyPng(SIDE, SIDE, pixels), ...faceLabel(emotion) });
    });
  },
};

async function csvFile(folder: string): Promise<string | undefined> {
  for (const name of CSV_NAMES) if (await holds(folder, name)) return name;
  return undefined;
}

/** Grey values of a row. @throws RowError `data_image` unless there are 48 x 48 of 0 to 255 */
function greyPixels(text: string): Uint8Array {
  const pixels = new Uint8Array(SIDE * SIDE);
  const values = text.trim().split(/\s+/);
  if (values.length !== pixels.length) {
    throw new RowError('data_image', `pixels has ${values.length} values, expected ${pixels.length}`);
  }
  for (const [i, value] of values.entries()) {
    const grey = Number(value);
    if (!Number.isInteger(grey) || grey < 0 || grey > 255) {
      throw new RowError('data_image', `pixels has "${value}", expected whole numbers from 0 to 255`);
    }
    pixels[i] = grey;
  }
  return pixels;
}

/**
 * `train/angry/NAME.jpg` and so on; every folder that holds emotion folders is a split. Where none of them is to validate on, as in
 * the published copy, a tenth of the training faces is, told by a hash of emotion and file name.
 */
const folders: Layout = {
  holds: 'SPLIT/EMOTION/*.jpg',
  fits: async (folder) => (await splitFolders(folder)).length > 0,
  async read(folder, sink) {
    const splits = await splitFolders(folder);
    const cut = findSplit('val', splits) === undefined ? findSplit('train', splits) : undefined;
    for (const split of splits) {
      const splitOf = split === cut ? ownSplit : (): string => split;
      for (const name of await subfolders(join(folder, split))) await readFolder(folder, split, name, splitOf, sink);
    }
  },
};

async function splitFolders(folder: string): Promise<string[]> {
  const splits: string[] = [];
  for (const split of await subfolders(folder)) {
    const inside = await subfolders(join(folder, split));
    if (inside.some((name) => emotionOf(name) !== undefined)) splits.push(split);
  }
  return splits;
}

async function readFolder(
  folder: string,
  top: string,
  name: string,
  splitOf: (face: string) => string,
  sink: Sink,
): Promise<void> {
  const path = join(folder, top, name);
  const emotion = emotionOf(name);
  if (emotion === undefined) {
    const message = `the folder is no emotion, expected ${EMOTIONS.join(', ')}`;
    sink.bad.push({ code: 'data_label', file: path, row: 0, message });
    return;
  }
  for (const file of await filesIn(path, IMAGE_FILE)) {
    const face = `${name}/${file}`;
    const image = imageOfFile(join(path, file));
    sink.samples.push({ id: `${top}/${face}`, split: splitOf(face), image, ...faceLabel(emotion) });
  }
}

/** FER2013 (Goodfellow et al., ICML 2013 challenge): 48 x 48 grey faces of seven emotions. */
export const fer2013: DatasetSpec = {
  name: 'fer2013',
  title: 'FER2013',
  licence: 'ODbL 1.0 (database), DbCL 1.0 (contents)',
  home: 'https://www.kaggle.com/datasets/msambare/fer2013 (folders) or the ICML 2013 challenge (fer2013.csv)',
  folders: ['faces-fer2013', 'fer2013', 'fer'],
  inside: ['fer2013', 'data'],
  targets: ['emotion'],
  layouts: [packedFaces(labelOf), csv, folders],
};
