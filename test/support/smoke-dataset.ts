import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import turbo from '@julusian/jpeg-turbo';
import { random } from '../../models/random.ts';
import { EMOTION_SENTIMENT, EMOTIONS, type Emotion } from '../../training/datasets/emotions.ts';
import { drawUtterance } from '../../training/synthetic/captions.ts';
import { syntheticFaces } from '../../training/synthetic/synthetic-faces.ts';

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

/** Pixels of a drawn face's side. */
const FACE_SIDE = 48;

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
 * - `mosei/`: `n` utterances with scores in MMSA's `label.csv`;
 * - `mvsa/`: `n` drawn faces with an utterance each, packed as `images.bin` and `pairs.csv`, all of it in one split.
 *
 * The same seed gives the same bytes.
 */
export async function smokeDataset(folder: string, { seed = 0, n = 140 } = {}): Promise<void> {
  await Promise.all([
    writeFaces(join(folder, 'faces-fer2013'), seed, n),
    writeGoEmotions(join(folder, 'goemotions'), seed, n),
  ]);
  await writeMvsa(join(folder, 'mvsa'), seed, n);
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
  const faces = await packFaces(folder, { n, first: seed * n });
  const rows = faces.map(({ offset, length, emotion }, i) =>
    [offset, length, isValidation(i) ? 'val' : 'train', emotion, `${emotion}/${i}.jpg`].join(','),
  );
  await writeFile(join(folder, 'index.csv'), `${['offset,length,split,emotion,name', ...rows].join('\n')}\n`);
}

async function writeMvsa(folder: string, seed: number, n: number): Promise<void> {
  const stream = random('smoke mvsa', seed);
  const faces = await packFaces(folder, { n, first: (seed + 1) * n });
  const rows = faces.map(({ offset, length, emotion }, i) => {
    const text = quoted(drawUtterance(stream, emotion));
    const sentiment = EMOTION_SENTIMENT[emotion];
    const labels = sentiment === undefined ? ['positive', 'negative', ''] : [sentiment, sentiment, sentiment];
    return [i, offset, length, text, ...labels, 'train'].join(',');
  });
  const header = 'id,offset,length,text,text_label,image_label,joint_label,split';
  await writeFile(join(folder, 'pairs.csv'), `${[header, ...rows].join('\n')}\n`);
}

/** Draws faces, grey, into `images.bin`. @returns where each lies, in order */
async function packFaces(
  folder: string,
  { n, first }: { readonly n: number; readonly first: number },
): Promise<{ readonly offset: number; readonly length: number; readonly emotion: Emotion }[]> {
  const files: Buffer[] = [];
  const faces = [];
  let offset = 0;
  for await (const { data, emotion } of syntheticFaces({ n, first, size: FACE_SIDE })) {
    const file = turbo.compressSync(Buffer.from(data), {
      format: turbo.FORMAT_RGB,
      width: FACE_SIDE,
      height: FACE_SIDE,
      subsampling: turbo.SAMP_GRAY,
      quality: 90,
    });
    files.push(file);
    faces.push({ offset, length: file.length, emotion });
    offset += file.length;
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'images.bin'), Buffer.concat(files));
  return faces;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
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
    const text = quoted(drawUtterance(stream, emotion));
    const annotation = score > 0 ? 'Positive' : score < 0 ? 'Negative' : 'Neutral';
    rows.push(
      ['drawn', i, text, score.toFixed(4), '', '', '', annotation, isValidation(i) ? 'valid' : 'train'].join(','),
    );
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'label.csv'), `${rows.join('\n')}\n`);
}
