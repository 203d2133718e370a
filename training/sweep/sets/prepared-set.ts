import { UndertoneError } from '../../../models/errors.ts';
import { EMOTIONS } from '../../datasets/emotions.ts';
import { resolveSplit } from '../../datasets/splits.ts';
import { fingerprintOf } from '../../embeddings/cached-rows.ts';
import { readPrepared } from '../../prepare/prepared-file.ts';
import { takeRows, type ClipTable } from '../clip-table.ts';
import type { Measure, SweepSet } from '../sweep-set.ts';
import { tableFingerprint } from '../table-fingerprint.ts';
import type { SetOptions } from './set-options.ts';

/**
 * A set that `undertone data prepare` made: trained on its training split, tested on its validation split.
 *
 * @throws UndertoneError `data_not_found`, `data_split`; `sweep_modality` where it has no video or no text, so that
 * nothing could be missing; `sweep_bundle` where another bundle made it
 */
export async function preparedSet(path: string, { model }: Pick<SetOptions, 'model'>): Promise<SweepSet> {
  const { index, table } = await readPrepared(path);
  const { dataset, bundle, clips } = index;
  if (bundle.sha256 !== model.info.sha256)
    throw new UndertoneError(
      'sweep_bundle',
      `${path} was made with ${bundle.name} ${bundle.version}; give --bundle, or prepare it again`,
    );
  for (const [what, mask] of [
    ['video', table.videoMask],
    ['text', table.textMask],
  ] as const) {
    if (!mask.includes(1)) throw new UndertoneError('sweep_modality', `${path} holds no ${what}: a sweep needs both`);
  }
  const held = [...new Set(clips.map(({ split }) => split))];
  const rowsOf = (split: string): number[] => {
    const name = resolveSplit(dataset, split, held);
    return clips.flatMap((clip, i) => (clip.split === name ? [i] : []));
  };
  const fold = { train: takeRows(table, rowsOf('train')), test: takeRows(table, rowsOf('val')) };
  const without = withoutVideo(table);
  return {
    name: dataset,
    title: `${dataset}, prepared: ${fold.train.n} clips to train on, ${fold.test.n} of the validation split to test on`,
    levels: table.slots > 1 ? ['sample', 'frame'] : ['sample'],
    emotions: EMOTIONS,
    measures: measuresOf(fold.test),
    fingerprint: fingerprintOf({ bundle: bundle.sha256, items: [fold.train, fold.test].map(tableFingerprint) }),
    notes: without === 0 ? [] : [`${without} of ${table.n} clips have no video to begin with`],
    anySlots: false,
    folds: () => [fold],
  };
}

function withoutVideo({ n, slots, videoMask }: ClipTable): number {
  const rows = Array.from({ length: n }, (_, i) => i);
  return rows.filter((i) => !videoMask.subarray(i * slots, (i + 1) * slots).includes(1)).length;
}

/** MMSA's where there are scores, MELD's where there are emotions. */
function measuresOf({ score, emotion }: ClipTable): Measure[] {
  if (score.some((value) => !Number.isNaN(value)))
    return [
      { name: 'Non0_acc_2', better: 'higher' },
      { name: 'MAE', better: 'lower' },
      { name: 'Corr', better: 'higher' },
      { name: 'Mult_acc_7', better: 'higher' },
    ];
  const classes: Measure[] = [
    { name: 'sentiment_weighted_f1', better: 'higher' },
    { name: 'sentiment_accuracy', better: 'higher' },
  ];
  return emotion.some((label) => label >= 0)
    ? [{ name: 'emotion_weighted_f1', better: 'higher' }, { name: 'emotion_accuracy', better: 'higher' }, ...classes]
    : classes;
}
