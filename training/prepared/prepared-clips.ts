import { resolve, sep } from 'node:path';
import { UndertoneError } from '../../models/errors.ts';
import type { ModelInfo } from '../../models/model.ts';
import { resolveSplit } from '../datasets/splits.ts';
import { fingerprint } from '../fingerprint.ts';
import { checkBundle } from '../prepare/check-bundle.ts';
import { preparedSplits, readPrepared, type PreparedIndex } from '../prepare/prepared-file.ts';
import { withValidation } from './held-out.ts';
import { clipName } from './trained-clips.ts';
import { emptyTable, isObserved, takeRows, type ClipTable } from '../sweep/clip-table.ts';

/** What training knows of one prepared file. */
export interface PreparedClips {
  readonly path: string;
  /** Name of the data set that was prepared. */
  readonly dataset: string;
  /** What it is called in reports: the data set, with as much of the path as tells it from others of the same name. */
  readonly label: string;
  /** Clips with something observed, of the training and of the validation split. */
  readonly train: ClipTable;
  readonly val: ClipTable;
  /** Of the training clips, see `clipName`. */
  readonly trainNames: readonly string[];
  /** Those of the validation split. */
  readonly valClips: PreparedIndex['clips'];
  /** Whether the file has no validation split, so that clips of its training split are held out of training instead. */
  readonly heldOut: boolean;
  /** Clips of the training split that are left out, since another of the files validates on them. */
  readonly leftOut: number;
}

/**
 * Reads files that `undertone data prepare` made, for heads to be trained on. No clip that one of them validates on is trained
 * on in another.
 *
 * @throws UndertoneError `data_not_found`, `checkpoint_unreadable`, `data_split` where there is no training split or,
 * with a single clip, nothing to validate on, `sweep_bundle` where another bundle made a file, `prepared_labels` where no training
 * clip of a file has a label
 */
export async function readPreparedClips(
  paths: readonly string[],
  info: Pick<ModelInfo, 'name' | 'version' | 'sha256' | 'encodersOf'>,
): Promise<PreparedClips[]> {
  const files: (PreparedFile & Pick<PreparedClips, 'path' | 'heldOut'> & { train: number[]; val: number[] })[] = [];
  // A file that is named twice is one, as no clip is to be matched with itself.
  for (const path of new Map(paths.map((each) => [resolve(each), each])).values()) {
    const { index, table } = await readPrepared(path);
    checkBundle(path, index, info);
    const { clips, heldOut } = withValidation(path, index.clips);
    const { held, rowsOf } = preparedSplits({ clips });
    const rows = (wanted: string): number[] =>
      rowsOf(resolveSplit(index.dataset, wanted, held)).filter((i) => isObserved(table, i));
    files.push({ path, index, table, heldOut, train: rows('train'), val: rows('val') });
  }
  const validated = new Set(files.flatMap((file) => file.val.map((row) => sameClip(file, row))));
  const sets = files.map((file): Omit<PreparedClips, 'label'> => {
    const { path, index, table, heldOut } = file;
    const rows = file.train.filter((row) => !validated.has(sameClip(file, row)));
    const leftOut = file.train.length - rows.length;
    const [train, val] = [takeRows(table, rows), takeRows(table, file.val)];
    if (!isLabelled(train)) throw unlabelled(path, { heldOut: heldOut ? val.n : 0, leftOut });
    const { dataset, clips } = index;
    const trainNames = rows.map((i) => clipName(dataset, clips[i]));
    return {
      path,
      dataset,
      train,
      val,
      trainNames,
      valClips: file.val.flatMap((i) => clips[i] ?? []),
      heldOut,
      leftOut,
    };
  });
  return sets.map((set) => ({ ...set, label: labelOf(set, sets) }));
}

type PreparedFile = Awaited<ReturnType<typeof readPrepared>>;

/** The same for a clip in several files: by its name, and what has no text, so that its name tells little, by its embeddings, too. */
function sameClip({ index: { dataset, clips }, table }: PreparedFile, row: number): string {
  const name = clipName(dataset, clips[row]);
  if (clips[row]?.text) return name;
  const { video, text } = takeRows(table, [row]);
  return fingerprint(name, [...video], [...text]);
}

function unlabelled(path: string, { heldOut, leftOut }: { heldOut: number; leftOut: number }): UndertoneError {
  const beside = [
    ...(heldOut === 0 ? [] : [`the ${heldOut} held out to validate on`]),
    ...(leftOut === 0 ? [] : [`the ${leftOut} that another file validates on`]),
  ];
  return new UndertoneError(
    'prepared_labels',
    `${path}: no training clip has a label${beside.length === 0 ? '' : ` beside ${beside.join(' and ')}`}, so nothing can be learnt from it`,
  );
}

function labelOf(set: Omit<PreparedClips, 'label'>, sets: readonly Omit<PreparedClips, 'label'>[]): string {
  const namesakes = sets.filter(({ dataset }) => dataset === set.dataset).map(({ path }) => resolve(path).split(sep));
  if (namesakes.length === 1) return set.dataset;
  const own = resolve(set.path).split(sep);
  const common = own.findIndex((part, i) => namesakes.some((names) => names[i] !== part));
  return `${set.dataset} (${own.slice(common).join('/')})`;
}

/** The clips of several tables of one shape, one table after the other. */
export function joinTables(tables: readonly ClipTable[]): ClipTable {
  const { slots = 1, dimension = 1 } = tables[0] ?? {};
  const joined = emptyTable(
    tables.reduce((sum, { n }) => sum + n, 0),
    slots,
    dimension,
  );
  let at = 0;
  for (const { n, video, videoMask, text, textMask, score, sentiment, emotion } of tables) {
    joined.video.set(video, at * slots * dimension);
    joined.videoMask.set(videoMask, at * slots);
    joined.text.set(text, at * dimension);
    joined.textMask.set(textMask, at);
    joined.score.set(score, at);
    joined.sentiment.set(sentiment, at);
    joined.emotion.set(emotion, at);
    at += n;
  }
  const texts = tables.flatMap((table) => table.texts ?? []);
  return texts.length === joined.n ? { ...joined, texts } : joined;
}

/** Whether any clip of a table has a label. */
export function isLabelled({ score, sentiment, emotion }: ClipTable): boolean {
  return (
    score.some((value) => !Number.isNaN(value)) ||
    [sentiment, emotion].some((labels) => labels.some((label) => label >= 0))
  );
}
