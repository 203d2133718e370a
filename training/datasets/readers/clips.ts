import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { z } from 'zod';
import { SENTIMENTS } from '../../../models/model.ts';
import { cleanText } from '../clean-text.ts';
import { EMOTIONS, emotionOf } from '../emotions.ts';
import { holds } from '../files.ts';
import { imageOfFile } from '../image-file.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { once } from '../once.ts';
import { polarityOf, polarityOfScore } from '../polarity.ts';
import { readText } from '../read-text.ts';
import type { Sample } from '../sample.ts';
import { RowError, type Sink } from '../sink.ts';

const FILE = 'manifest.jsonl';

/** A file below the manifest's folder. */
const File = z.string().refine((path) => !/^([/\\]|[A-Za-z]:)/.test(path) && !normalize(path).startsWith('..'), {
  message: 'expected a path inside the folder',
});

/** A line of the manifest. */
const Line = z.strictObject({
  id: z.string().min(1),
  split: z.string().trim().min(1),
  video: File.optional(),
  image: File.optional(),
  text: z
    .string()
    .refine((text) => text.trim() !== '', { message: 'is empty; leave it out where there is none' })
    .optional(),
  score: z.number().min(-3).max(3).optional(),
  sentiment: z.string().optional(),
  emotion: z.string().optional(),
  speaker: z.string().optional(),
  group: z.string().optional(),
});
const LABELS = new Set<PropertyKey>(['score', 'sentiment', 'emotion']);

/** `manifest.jsonl`: one JSON object a line. */
const manifest: Layout = {
  holds: FILE,
  fits: (folder) => holds(folder, FILE),
  async read(folder, sink) {
    const file = join(folder, FILE);
    const isNew = once();
    for (const [i, line] of (await readText(file)).split('\n').entries()) {
      if (line.trim() === '') continue;
      try {
        const sample = sampleOf(folder, line);
        isNew(sample.id);
        sink.samples.push(sample);
      } catch (error) {
        reportRow(sink, file, i + 1, error);
      }
    }
  },
};

function sampleOf(folder: string, line: string): Sample {
  const parsed = Line.safeParse(parseJson(line));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join('.') ?? '';
    const code = LABELS.has(issue?.path[0] ?? '') ? 'data_label' : 'data_columns';
    throw new RowError(code, `${path === '' ? '' : `${path}: `}${issue?.message ?? 'not valid'}`);
  }
  const { video, image, text, ...rest } = parsed.data;
  const emotion = labelOf('emotion', rest.emotion, emotionOf, EMOTIONS);
  const sentiment = labelOf('sentiment', rest.sentiment, polarityOf, SENTIMENTS);
  for (const [path, code] of [
    [video, 'data_clip'],
    [image, 'data_image'],
  ] as const) {
    if (path !== undefined && !existsSync(join(folder, path))) throw new RowError(code, `${path} does not exist`);
  }
  if (video === undefined && image === undefined && text === undefined)
    throw new RowError('data_columns', 'neither video, image nor text');
  return {
    ...rest,
    sentiment: sentiment ?? (rest.score === undefined ? undefined : polarityOfScore(rest.score)),
    emotion,
    text: text === undefined ? undefined : cleanText(text),
    video: video === undefined ? undefined : join(folder, video),
    image: image === undefined ? undefined : imageOfFile(join(folder, image)),
  };
}

/** The class that a label names, in any case. @throws RowError `data_label` for a name of none */
function labelOf<T>(
  field: string,
  name: string | undefined,
  classOf: (name: string) => T | undefined,
  known: readonly string[],
): T | undefined {
  if (name === undefined) return undefined;
  const found = classOf(name);
  if (found === undefined) throw new RowError('data_label', `${field} is "${name}", expected ${known.join(', ')}`);
  return found;
}

const NOT_A_NUMBER = /:\s*-?(NaN|Infinity)\s*[,}]/;
const NO_OBJECT = 'the line is no JSON object';

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    // What Python's json writes for a number that is none.
    const message = NOT_A_NUMBER.test(line) ? 'NaN and Infinity are no JSON; leave out what there is not' : NO_OBJECT;
    throw new RowError('data_columns', message);
  }
}

function reportRow(sink: Sink, file: string, row: number, error: unknown): void {
  if (!(error instanceof RowError)) throw error;
  sink.bad.push({ code: error.code, file, row, message: error.message });
}

/** Clips of one's own. */
export const clips: DatasetSpec = {
  name: 'clips',
  title: 'clips of your own',
  licence: 'your own',
  home: 'your own recordings',
  folders: ['clips'],
  targets: ['score', 'sentiment', 'emotion'],
  layouts: [manifest],
};
