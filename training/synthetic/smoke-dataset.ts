import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import turbo from '@julusian/jpeg-turbo';
import { random } from '../../models/random.ts';
import { EMOTIONS, type Emotion } from '../datasets/emotions.ts';
import { drawUtterance } from './captions.ts';
import { syntheticFaces } from './synthetic-faces.ts';

/** GoEmotions' names of the seven emotions, in the order of {@link EMOTIONS}; the line is the label's id. */
const LABELS: Readonly<Record<Emotion, string>> = {
  angry: 'anger',
  disgust: 'disgust',
  fear: 'fear',
  happy: 'joy',
  neutral: 'neutral',
  sad: 'sadness',
  surprise: 'surprise',
};

/** Middle of the scores of each emotion's utterances, in [-3, 3]. */
const SCORES: Readonly<Record<Emotion, number>> = {
  angry: -2,
  disgust: -2,
  fear: -1.5,
  happy: 2,
  neutral: 0,
  sad: -1.5,
  surprise: 0.5,
};

/**
 * Writes a small, balanced data set that needs nothing from outside, a fifth of it for validation:
 *
 * - `faces-fer2013/`: `n` drawn faces, grey 48 x 48 JPEG, packed as `images.bin` and `index.csv`;
 * - `goemotions/`: `n` utterances in `train.tsv` and `dev.tsv`, with their `labels.txt`;
 * - `mosei/`: `n` utterances with scores in MMSA's `label.csv`.
 *
 * The same seed gives the same bytes.
 */
export async function smokeDataset(folder: string, { seed = 0, n = 140 } = {}): Promise<void> {
  await Promise.all([
    writeFaces(join(folder, 'faces-fer2013'), seed, n),
    writeGoEmotions(join(folder, 'goemotions'), seed, n),
  ]);
  await writeMosei(join(folder, 'mosei'), seed, n);
}

/** Whole rounds of the emotions go to one split, so both are balanced. */
function isValidation(index: number): boolean {
  return Math.floor(index / EMOTIONS.length) % 5 === 4;
}

function emotionAt(index: number): Emotion {
  return EMOTIONS[index % EMOTIONS.length] ?? 'neutral';
}

async function writeFaces(folder: string, seed: number, n: number): Promise<void> {
  const side = 48;
  const files: Buffer[] = [];
  const rows = ['offset,length,split,emotion,name'];
  let offset = 0;
  let index = 0;
  for await (const { data, emotion } of syntheticFaces({ n, first: seed * n, size: side })) {
    const file = turbo.compressSync(Buffer.from(data), {
      format: turbo.FORMAT_RGB,
      width: side,
      height: side,
      subsampling: turbo.SAMP_GRAY,
      quality: 90,
    });
    files.push(file);
    rows.push(
      [offset, file.length, isValidation(index) ? 'val' : 'train', emotion, `${emotion}/${index}.jpg`].join(','),
    );
    offset += file.length;
    index += 1;
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'images.bin'), Buffer.concat(files));
  await writeFile(join(folder, 'index.csv'), `${rows.join('\n')}\n`);
}

async function writeGoEmotions(folder: string, seed: number, n: number): Promise<void> {
  const stream = random('smoke goemotions', seed);
  const rows = Array.from({ length: n }, (_, i) => ({
    validation: isValidation(i),
    line: [drawUtterance(stream, emotionAt(i)), i % EMOTIONS.length, `smoke${i}`].join('\t'),
  }));
  const lines = (validation: boolean): string =>
    rows
      .filter((row) => row.validation === validation)
      .map(({ line }) => `${line}\n`)
      .join('');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'labels.txt'), EMOTIONS.map((emotion) => `${LABELS[emotion]}\n`).join(''));
  await writeFile(join(folder, 'train.tsv'), lines(false));
  await writeFile(join(folder, 'dev.tsv'), lines(true));
}

async function writeMosei(folder: string, seed: number, n: number): Promise<void> {
  const stream = random('smoke mosei', seed);
  const rows = ['video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode'];
  for (let i = 0; i < n; i++) {
    const emotion = emotionAt(i);
    const score = Math.max(-3, Math.min(3, SCORES[emotion] + (emotion === 'neutral' ? 0 : 0.4 * stream.normal())));
    const text = `"${drawUtterance(stream, emotion).replaceAll('"', '""')}"`;
    const annotation = score > 0 ? 'Positive' : score < 0 ? 'Negative' : 'Neutral';
    rows.push(
      ['drawn', i, text, score.toFixed(4), '', '', '', annotation, isValidation(i) ? 'valid' : 'train'].join(','),
    );
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'label.csv'), `${rows.join('\n')}\n`);
}
