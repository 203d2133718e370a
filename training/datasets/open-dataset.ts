import { EXIT, UndertoneError } from '../../models/errors.ts';
import { findFolder } from './find-folder.ts';
import type { DatasetSpec } from './layout.ts';
import { clips } from './readers/clips.ts';
import { fer2013 } from './readers/fer2013.ts';
import { goemotions } from './readers/goemotions.ts';
import { meld } from './readers/meld.ts';
import { mosei, mosi } from './readers/mmsa.ts';
import { muxspace } from './readers/muxspace.ts';
import { mvsa } from './readers/mvsa.ts';
import { sst, sst2, sst5 } from './readers/sst.ts';
import type { Sample } from './sample.ts';
import type { BadRow, OnBad, Sink } from './sink.ts';
import { resolveSplit, splitKey } from './splits.ts';
import type { Target } from './targets.ts';

const SPECS = [fer2013, muxspace, goemotions, sst, sst2, sst5, mosi, mosei, meld, mvsa, clips] as const;

/** Names that {@link openDataset} takes. */
export const DATASET_NAMES: readonly string[] = SPECS.map((spec) => spec.name);

/** What the samples of a data set are labelled with; of a name of none, everything that samples can be. */
export function targetsOf(name: string): readonly Target[] {
  return specOf(name).targets;
}

/** The licence under which a data set of that name is got. */
export function licenceOf(name: string): string {
  return specOf(name).licence;
}

function specOf(name: string): DatasetSpec {
  return SPECS.find((spec) => spec.name === name) ?? clips;
}

export interface DatasetInfo {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  /** Where its users get it. */
  readonly home: string;
  /** What its samples are labelled with, the first being what results are usually reported on. */
  readonly targets: readonly Target[];
  /** Where its clips are, as its table names them; undefined for a set without clips or whose table has their paths. */
  readonly clips?: string | undefined;
  /** Samples per split, the splits named as the folder names them first. */
  readonly splits: Readonly<Record<string, number>>;
}

export interface Dataset {
  readonly info: DatasetInfo;
  /** The folder that was read: the one that was given, or one in it. */
  readonly folder: string;
  /** Rows left out; empty unless opened with `skipBad`. */
  readonly bad: readonly BadRow[];
  /**
   * The samples of a split in the order of the files; `val`, `valid` and `dev` are one name.
   * @throws UndertoneError `data_split`
   */
  samples(split: string): readonly Sample[];
}

/**
 * Opens a data set and reads everything but its images.
 *
 * @param name one of {@link DATASET_NAMES}
 * @param directory its folder, or one that holds it under a usual name
 * @param options `skipBad` leaves bad rows out, listed in `bad` and told to `onBad`; without it the first one is an error
 * @throws UndertoneError `data_not_found`; for bad rows `data_columns`, `data_label` or `data_image`, with file and row
 */
export async function openDataset(
  name: string,
  directory: string,
  options: { readonly skipBad?: boolean; readonly onBad?: OnBad | undefined } = {},
): Promise<Dataset> {
  const spec = SPECS.find((each) => each.name === name);
  if (spec === undefined) {
    const message = `there is no data set "${name}"; there are ${DATASET_NAMES.join(', ')}`;
    throw new UndertoneError('data_not_found', message, { exitCode: EXIT.usage });
  }
  // The layout of `clips` is taken for no other, and its name is what people call a folder of any set's clips.
  const others = spec === clips ? [] : SPECS.filter((each) => each !== spec && each !== clips);
  const { folder, layout } = await findFolder(spec, directory, others);
  const sink: Sink = { samples: [], bad: [] };
  await layout.read(folder, sink);
  if (options.skipBad !== true) refuseBadRows(sink.bad);
  for (const row of sink.bad) options.onBad?.(new UndertoneError(row.code, textOf(row)));
  return datasetOf(spec, folder, sink);
}

function refuseBadRows(bad: readonly BadRow[]): void {
  const [first] = bad;
  if (first === undefined) return;
  const more = bad.length === 1 ? 'the only bad row' : `one of ${bad.length} bad rows`;
  const message = `${textOf(first)} (${more}; mend the file, or leave bad rows out with --skip-bad)`;
  throw new UndertoneError(first.code, message, { cause: bad });
}

function textOf({ file, row, message }: BadRow): string {
  return `${file}${row === 0 ? '' : ` row ${row}`}: ${message}`;
}

function datasetOf(spec: DatasetSpec, folder: string, sink: Sink): Dataset {
  const bySplit = new Map<string, Sample[]>();
  const spellings = new Map<string, string>();
  for (const sample of sink.samples) {
    const key = splitKey(sample.split);
    const split = spellings.get(key) ?? sample.split;
    spellings.set(key, split);
    const list = bySplit.get(split) ?? [];
    bySplit.set(split, list);
    list.push(split === sample.split ? sample : { ...sample, split });
  }
  if (bySplit.size === 0) throw new UndertoneError('data_not_found', `${folder} holds no sample of ${spec.title}`);
  const { name, title, licence, home, targets, clips: place } = spec;
  const splits = Object.fromEntries([...bySplit].map(([split, samples]) => [split, samples.length]));
  return {
    info: { name, title, licence, home, targets, clips: place, splits },
    folder,
    bad: sink.bad,
    samples: (split) => bySplit.get(resolveSplit(name, split, [...bySplit.keys()])) ?? [],
  };
}
