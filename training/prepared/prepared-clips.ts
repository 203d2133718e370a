import { UndertoneError } from '../../models/errors.ts';
import type { ModelInfo } from '../../models/model.ts';
import { resolveSplit } from '../datasets/splits.ts';
import { checkBundle } from '../prepare/check-bundle.ts';
import { preparedSplits, readPrepared } from '../prepare/prepared-file.ts';
import { emptyTable, isObserved, takeRows, type ClipTable } from '../sweep/clip-table.ts';

/** What training knows of one prepared file. */
export interface PreparedClips {
  readonly path: string;
  /** Name of the data set that was prepared. */
  readonly dataset: string;
  /** Clips with something observed, of the training and of the validation split. */
  readonly train: ClipTable;
  readonly val: ClipTable;
}

/**
 * Reads files that `undertone data prepare` made, for heads to be trained on.
 *
 * @throws UndertoneError `data_not_found`, `checkpoint_unreadable`, `data_split` where there is no training or no validation
 * split, `sweep_bundle` where another bundle made a file, `prepared_labels` where no training clip has a label
 */
export async function readPreparedClips(
  paths: readonly string[],
  info: Pick<ModelInfo, 'name' | 'version' | 'sha256' | 'encodersOf'>,
): Promise<PreparedClips[]> {
  const sets: PreparedClips[] = [];
  for (const path of paths) {
    const { index, table } = await readPrepared(path);
    checkBundle(path, index, info);
    const { dataset } = index;
    const { held, rowsOf } = preparedSplits(index);
    const part = (wanted: string): ClipTable => {
      const rows = rowsOf(resolveSplit(dataset, wanted, held));
      return takeRows(
        table,
        rows.filter((i) => isObserved(table, i)),
      );
    };
    const set = { path, dataset, train: part('train'), val: part('val') };
    if (!isLabelled(set.train))
      throw new UndertoneError(
        'prepared_labels',
        `${path}: no training clip has a label, so nothing can be learnt from it`,
      );
    sets.push(set);
  }
  return sets;
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
  return joined;
}

function isLabelled({ score, sentiment, emotion }: ClipTable): boolean {
  return (
    score.some((value) => !Number.isNaN(value)) ||
    [sentiment, emotion].some((labels) => labels.some((label) => label >= 0))
  );
}
