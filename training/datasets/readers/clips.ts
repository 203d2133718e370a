import { join, normalize } from 'node:path';
import { z } from 'zod';
import { SENTIMENTS } from '../../../models/model.ts';
import { cleanText } from '../clean-text.ts';
import { EMOTIONS, emotionOf } from '../emotions.ts';
import { holds } from '../files.ts';
import { fileFinder } from '../find-file.ts';
import { imageOfFile } from '../image-file.ts';
import type { DatasetSpec, Layout } from '../layout.ts';
import { once } from '../once.ts';
import { polarityOf, polarityOfScore } from '../polarity.ts';
import { readText } from '../read-text.ts';
import type { Sample } from '../sample.ts';
import { RowError, type Sink } from '../sink.ts';

const FILE = 'manifest.jsonl';

const NOT_EMPTY = [(text: string) => cleanText(text) !== '', 'is empty; leave it out where there is none'] as const;

/** A file below the manifest's folder. */
const File = z
  .string()
  .refine(...NOT_EMPTY)
  .refine((path) => !/^([/\\]|[A-Za-z]:)/.test(path) && !/^\.\.([/\\]|$)/.test(normalize(path)), {
    message: 'is outside the folder',
  });

/** A line of the manifest. */
const Line = z.strictObject({
  id: z.string().min(1),
  split: z.string().trim().min(1),
  video: File.optional(),
  image: File.optional(),
  text: z
    .string()
    .refine(...NOT_EMPTY)
    .optional(),
  score: z.number().min(-3).max(3).optional(),
  sentiment: z.string().optional(),
  emotion: z.string().optional(),
  speaker: z.string().optional(),
  group: z.string().optional(),
});

/** What each field is, as a message says it. */
const EXPECTED: Readonly<Record<keyof z.infer<typeof Line>, string>> = {
  id: 'a text',
  split: 'the name of a split',
  video: 'a path inside the folder',
  image: 'a path inside the folder',
  text: 'a text',
  score: 'a number from -3 to 3',
  sentiment: SENTIMENTS.join(', '),
  emotion: EMOTIONS.join(', '),
  speaker: 'a text',
  group: 'a text',
};
const LABELS = new Set<PropertyKey>(['score', 'sentiment', 'emotion']);

/** `manifest.jsonl`: one JSON object a line. */
const manifest: Layout = {
  holds: FILE,
  fits: (folder) => holds(folder, FILE),
  async read(folder, sink) {
    const file = join(folder, FILE);
    const find = fileFinder(folder);
    const isNew = once();
    for (const [i, line] of (await readText(file)).split('\n').entries()) {
      if (line.trim() === '') continue;
      try {
        const sample = sampleOf(find, line);
        isNew(sample.id);
        sink.samples.push(sample);
      } catch (error) {
        reportRow(sink, file, i + 1, error);
      }
    }
  },
};

function sampleOf(find: ReturnType<typeof fileFinder>, line: string): Sample {
  const parsed = Line.safeParse(parseJson(line), { reportInput: true });
  if (!parsed.success) throw rowError(parsed.error.issues[0]);
  const { video, image, text, speaker: _speaker, ...rest } = parsed.data;
  const emotion = labelOf('emotion', rest.emotion, emotionOf, EMOTIONS);
  const sentiment = labelOf('sentiment', rest.sentiment, polarityOf, SENTIMENTS);
  const found = (path: string | undefined, code: 'data_clip' | 'data_image'): string | undefined => {
    const file = path === undefined ? undefined : find(path);
    if (path !== undefined && file === undefined) throw new RowError(code, `${path} does not exist`);
    return file;
  };
  const clip = found(video, 'data_clip');
  const picture = found(image, 'data_image');
  if (video === undefined && image === undefined && text === undefined)
    throw new RowError('data_columns', 'neither video, image nor text');
  return {
    ...rest,
    sentiment: sentiment ?? (rest.score === undefined ? undefined : polarityOfScore(rest.score)),
    emotion,
    text: text === undefined ? undefined : cleanText(text),
    video: clip,
    image: picture === undefined ? undefined : imageOfFile(picture),
  };
}

/** What is wrong with a line, by the field and what it should be. */
function rowError(issue: z.core.$ZodIssue | undefined): RowError {
  if (issue?.code === 'unrecognized_keys')
    return new RowError(
      'data_columns',
      `there is no field ${issue.keys.map((key) => `"${key}"`).join(', ')}; there are ${Object.keys(EXPECTED).join(', ')}`,
    );
  const [field] = issue?.path ?? [];
  if (issue === undefined || !isField(field)) return new RowError('data_columns', NO_OBJECT);
  const code = LABELS.has(field) ? 'data_label' : 'data_columns';
  // What a check of ours says needs no more words.
  if (issue.code === 'custom' && issue.input !== undefined) return new RowError(code, `${field} ${issue.message}`);
  const expected = `expected ${EXPECTED[field]}`;
  if (issue.input === undefined) return new RowError(code, `${field} is missing, ${expected}`);
  const optional = Line.shape[field].safeParse(undefined).success;
  const leaveOut = issue.input === null && optional ? '; leave it out where there is none' : '';
  return new RowError(code, `${field} is ${JSON.stringify(issue.input)}, ${expected}${leaveOut}`);
}

function isField(name: PropertyKey | undefined): name is keyof typeof EXPECTED {
  return typeof name === 'string' && Object.hasOwn(EXPECTED, name);
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
