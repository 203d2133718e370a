import { EXIT, UndertoneError } from '../../../models/errors.ts';
import { SENTIMENTS } from '../../../models/model.ts';
import { EMOTIONS } from '../../datasets/emotions.ts';
import { polarityOfScore } from '../../datasets/polarity.ts';
import { resolveSplit } from '../../datasets/splits.ts';
import { fingerprintOf } from '../../embeddings/cached-rows.ts';
import { asServed } from '../../adapter/adapt-table.ts';
import { checkBundle } from '../../prepare/check-bundle.ts';
import { preparedSplits, readPrepared } from '../../prepare/prepared-file.ts';
import { clipsFor } from '../../prepared/held-out.ts';
import { clipName, readTrainedClips } from '../../prepared/trained-clips.ts';
import { isObserved, takeRows, type ClipTable } from '../clip-table.ts';
import type { Measure, SweepSet } from '../sweep-set.ts';
import { adaptedNotes } from './adapted-notes.ts';
import { testedClips } from '../tested-clips.ts';
import { tableFingerprint } from '../table-fingerprint.ts';
import { observedNotes } from './observed-notes.ts';
import type { SetOptions } from './set-options.ts';

/**
 * A set that `undertone data prepare` made: trained on its training split, tested on its validation split or the one named.
 * Without a validation split it is tested on the clips that {@link clipsFor} holds out.
 *
 * @throws UndertoneError `data_not_found`, `data_split`; `sweep_modality` where it has no video or no text, so that
 * nothing could be missing; `sweep_labels` where no kind of label is in both splits; `sweep_bundle` where another bundle made it
 */
export async function preparedSet(
  path: string,
  { model, split: tests = 'val', encodersSaw }: Pick<SetOptions, 'model' | 'split' | 'encodersSaw'>,
): Promise<SweepSet> {
  const { index, table: prepared } = await readPrepared(path);
  const { dataset, bundle } = index;
  const groups = index.clips.map(({ id, group }) => group ?? id);
  checkBundle(path, index, model.info);
  const table = { ...(await asServed(model, prepared)), groups };
  for (const [what, mask] of [
    ['video, or none in which a face is seen', table.videoMask],
    ['text', table.textMask],
  ] as const) {
    if (!mask.includes(1)) throw new UndertoneError('sweep_modality', `${path} holds no ${what}: a sweep needs both`);
  }
  const { clips, heldOut } = clipsFor(path, tests, index.clips);
  const { held, rowsOf } = preparedSplits({ clips });
  const named = (wanted: string): string => resolveSplit(dataset, wanted, held);
  const [trained, tested] = [named('train'), named(tests)];
  if (tested === trained)
    throw new UndertoneError('data_split', `${path}: a sweep trains on ${trained}, so it is tested on another split`, {
      exitCode: EXIT.usage,
    });
  const used = [rowsOf(trained), rowsOf(tested)] as const;
  const [train, test] = used.map((rows) =>
    takeRows(
      table,
      rows.filter((i) => isObserved(table, i)),
    ),
  ) as [ClipTable, ClipTable];
  const measures = measuresOf(train, test);
  const before = await readTrainedClips(model.dir);
  const known = used[1].filter((i) => isObserved(table, i) && before.has(clipName(dataset, clips[i]))).length;
  if (measures.length === 0)
    throw new UndertoneError(
      'sweep_labels',
      `${path}: ${trained} and ${tested} have no label of one kind (score, sentiment, emotion), so nothing can be trained and measured`,
    );
  return {
    name: dataset,
    title: `${dataset}, prepared: ${train.n} clips of ${trained} to train on, ${test.n} of ${tested} to test on`,
    levels: [train, test].some(hasFrames) ? ['sample', 'frame'] : ['sample'],
    emotions: EMOTIONS,
    measures,
    tested: testedClips(test, measures),
    fingerprint: fingerprintOf({
      bundle: bundle.sha256,
      items: [...[train, test].map(tableFingerprint), ...(train.groups ?? [])],
    }),
    notes: [
      ...observedNotes(table, used.flat()),
      ...seenNotes(dataset, trained, encodersSaw),
      ...(heldOut
        ? [`no validation split is there: ${tested} is the part of ${trained} that train --prepared holds out, too`]
        : []),
      ...adaptedNotes(model, known, test.n),
    ],
    anySlots: false,
    folds: () => [{ train, test }],
  };
}

/** Whether any clip has two frames that differ: a picture stands in every slot, and losing some of them loses nothing. */
function hasFrames({ n, slots, dimension, video, videoMask }: ClipTable): boolean {
  for (let row = 0; row < n; row++) {
    const there = Array.from({ length: slots }, (_, slot) => row * slots + slot).filter((at) => videoMask[at] === 1);
    const [first = 0, ...others] = there;
    for (const at of others)
      for (let k = 0; k < dimension; k++) if (video[at * dimension + k] !== video[first * dimension + k]) return true;
  }
  return false;
}

/** What a reader must know of the encoders, which made the embeddings of all methods alike. */
function seenNotes(dataset: string, trained: string, encodersSaw: SetOptions['encodersSaw']): string[] {
  const known = `the embeddings of ${trained} fit their labels better than those of other clips, and where that split was another one then, clips that are tested may be known, too`;
  if (encodersSaw === undefined)
    return [
      `the bundle, which an earlier version tuned, does not tell what its encoders were trained on: if ${dataset} was among it, ${known}`,
    ];
  return encodersSaw.includes(dataset)
    ? [`the encoders were trained on the training split of ${dataset}, with its labels: ${known}`]
    : [];
}

const SCORE: readonly Measure[] = [
  { name: 'Non0_acc_2', better: 'higher' },
  { name: 'MAE', better: 'lower' },
  { name: 'Corr', better: 'higher' },
  { name: 'Mult_acc_7', better: 'higher' },
];
const EMOTION: readonly Measure[] = [
  { name: 'emotion_weighted_f1', better: 'higher' },
  { name: 'emotion_accuracy', better: 'higher' },
];
const SENTIMENT: readonly Measure[] = [
  { name: 'sentiment_weighted_f1', better: 'higher' },
  { name: 'sentiment_accuracy', better: 'higher' },
];

/**
 * MMSA's where there are scores, MELD's where there are emotions or sentiments that are not the score's own: of labels that are
 * trained on and tested.
 */
function measuresOf(train: ClipTable, test: ClipTable): Measure[] {
  const scored = [train, test].every(({ score }) => score.some((value) => !Number.isNaN(value)));
  const felt = [train, test].every(({ emotion }) => emotion.some((label) => label >= 0));
  const judged = [train, test].every(({ sentiment }) => sentiment.some((label) => label >= 0));
  const own = judged && !(scored && test.sentiment.every((label, i) => label < 0 || isSign(label, test.score[i])));
  return [...(scored ? SCORE : []), ...(felt ? EMOTION : []), ...(own ? SENTIMENT : [])];
}

/** Whether a sentiment is that of its clip's score. */
function isSign(sentiment: number, score = Number.NaN): boolean {
  return !Number.isNaN(score) && SENTIMENTS[sentiment] === polarityOfScore(score);
}
