import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { UndertoneError } from '../../models/errors.ts';
import { SENTIMENTS } from '../../models/model.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import type { Sample } from '../datasets/sample.ts';
import { readSafetensors, writeSafetensors } from '../engine/safetensors.ts';
import { writeWhole } from '../engine/write-whole.ts';
import { emptyTable, hasAny, takeRows, type ClipTable } from '../sweep/clip-table.ts';

/** `FILE.json` beside the embeddings: which row is which. */
const Index = z.object({
  format: z.literal(1),
  dataset: z.string(),
  bundle: z.object({ name: z.string(), version: z.string(), sha256: z.string() }),
  fingerprint: z.string(),
  /** Real path of the data set's folder. */
  folder: z.string().optional(),
  slots: z.int().min(1),
  dimension: z.int().min(1),
  clips: z.array(
    z.object({
      id: z.string(),
      split: z.string(),
      group: z.string().optional(),
      stamp: z.string().optional(),
      /** Its text, empty where it has none; files of earlier versions hold no texts. */
      text: z.string().optional(),
    }),
  ),
});
export type PreparedIndex = z.infer<typeof Index>;

export interface PreparedContent extends Omit<PreparedIndex, 'format' | 'clips'> {
  readonly samples: readonly Sample[];
  /** Name of what each is made of, see sampleStamp; undefined for one that the next run reads again. */
  readonly stamps: readonly (string | undefined)[];
  /** Ids that are left out. */
  readonly unusable: ReadonlySet<string>;
  /** Row i is sample i; the labels are put in here. */
  readonly table: ClipTable;
}

/**
 * Writes the embeddings and labels of the usable samples as safetensors, and the index beside them.
 *
 * @throws UndertoneError `checkpoint_unwritable`
 */
export async function writePrepared(
  path: string,
  { samples, stamps, unusable, table: all, ...head }: PreparedContent,
): Promise<{ splits: Record<string, number>; withVideo: number; withText: number }> {
  const { slots } = head;
  for (const [i, { score, sentiment, emotion }] of samples.entries()) {
    all.score[i] = score ?? Number.NaN;
    all.sentiment[i] = SENTIMENTS.findIndex((name) => name === sentiment);
    all.emotion[i] = EMOTIONS.findIndex((name) => name === emotion);
  }
  const rows = [...samples.keys()].filter((i) => !unusable.has(samples[i]?.id ?? ''));
  const table = takeRows(all, rows);
  const clips = rows.map((i) => {
    const { id, split, group, text = '' } = samples[i] as Sample;
    return { id, split, group, stamp: stamps[i], text };
  });
  const index: PreparedIndex = { format: 1, ...head, clips };
  await writeSafetensors(path, { tensors: tensorsOf(table), metadata: { fingerprint: head.fingerprint } });
  await writeWhole(`${path}.json`, (file) => file.writeFile(JSON.stringify(index)));
  const splits: Record<string, number> = {};
  for (const { split } of clips) splits[split] = (splits[split] ?? 0) + 1;
  const seen = (i: number): boolean => hasAny(table.videoMask, i, slots);
  return {
    splits,
    withVideo: rows.filter((_, i) => seen(i)).length,
    withText: table.textMask.filter((there) => there === 1).length,
  };
}

/** The splits that a prepared file holds, and the rows of one of them. */
export function preparedSplits({ clips }: Pick<PreparedIndex, 'clips'>): {
  readonly held: readonly string[];
  readonly rowsOf: (split: string) => number[];
} {
  return {
    held: [...new Set(clips.map(({ split }) => split))],
    rowsOf: (split) => clips.flatMap((clip, i) => (clip.split === split ? [i] : [])),
  };
}

/** @throws UndertoneError `data_not_found`, `checkpoint_unreadable` where file and index do not belong together */
export async function readPrepared(
  path: string,
): Promise<{ readonly index: PreparedIndex; readonly table: ClipTable }> {
  const json = await readFile(`${path}.json`, 'utf8').catch((cause: unknown) => {
    throw new UndertoneError('data_not_found', `no prepared data at ${path}; make it with undertone data prepare`, {
      cause,
    });
  });
  const index = Index.safeParse(parseJson(json));
  const { tensors, metadata } = await readSafetensors(path);
  if (!index.success || metadata['fingerprint'] !== index.data.fingerprint)
    throw new UndertoneError('checkpoint_unreadable', `${path} and its index do not belong together; prepare it again`);
  const { slots, dimension, clips } = index.data;
  const table = emptyTable(clips.length, slots, dimension);
  for (const [name, target] of tensorsOf(table)) {
    const values = tensors.get(name);
    if (values?.length !== target.length)
      throw new UndertoneError(
        'checkpoint_unreadable',
        `${path} does not hold ${name} of the ${clips.length} clips of its index; prepare it again`,
      );
    target.set(values);
  }
  table.sentiment.set(tensors.get('sentiment') ?? []);
  table.emotion.set(tensors.get('emotion') ?? []);
  const texts = clips.flatMap(({ text }) => (text === undefined ? [] : [text]));
  return { index: index.data, table: texts.length === clips.length ? { ...table, texts } : table };
}

/** Undefined where it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function tensorsOf(table: ClipTable): Map<string, Float32Array> {
  return new Map([
    ['video', table.video],
    ['video_mask', table.videoMask],
    ['text', table.text],
    ['text_mask', table.textMask],
    ['score', table.score],
    ['sentiment', Float32Array.from(table.sentiment)],
    ['emotion', Float32Array.from(table.emotion)],
  ]);
}
