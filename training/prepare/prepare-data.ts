import { realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UndertoneError } from '../../models/errors.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { clipFiles } from '../datasets/clip-files.ts';
import { openDataset, type Dataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import { fingerprintOf } from '../embeddings/cached-rows.ts';
import { inOwnOut } from '../in-own-out.ts';
import { makeOut } from '../make-out.ts';
import { copyRow, emptyTable, hasAny, type EmbeddedRows } from '../sweep/clip-table.ts';
import { encodePart, type BadClip, type ClipDecoder } from './encode-part.ts';
import { partStore, type PartStore } from './part-store.ts';
import { PUBLISHED } from './published-counts.ts';
import { preparedBefore } from './prepared-before.ts';
import { writePrepared } from './prepared-file.ts';
import { sampleStamp } from './sample-stamp.ts';
import { encodersOf } from './check-bundle.ts';

export interface PrepareDataOptions {
  /** Whose encoders make the embeddings. */
  readonly model: LocalModel;
  /** A name of `openDataset`. */
  readonly dataset: string;
  readonly data: string;
  /** Folder of the prepared file, and of the parts that are done so far. */
  readonly out: string;
  readonly decode: ClipDecoder;
  readonly skipBad?: boolean;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface PrepareSummary {
  readonly dataset: string;
  /** The prepared file; its index is beside it. */
  readonly file: string;
  /** Samples that this run encoded; the others were there from a run before. */
  readonly encoded: number;
  readonly bundle: { readonly name: string; readonly version: string; readonly sha256: string };
  /** Samples per split: here, and as published where that is known. */
  readonly splits: Readonly<Record<string, { readonly here: number; readonly published: number | null }>>;
  /** Samples with something seen of a video or an image, and with a text. */
  readonly withVideo: number;
  readonly withText: number;
  /** Ids of samples in whose clip or image a model that looks for faces sees none; their video counts as missing. */
  readonly faceless: readonly string[];
  /** Ids of samples whose clip is not there, in a copy that has clips; their video counts as missing. */
  readonly missingClips: readonly string[];
  /** Ids of samples whose clip has sound alone, and that have a text; their video counts as missing. */
  readonly soundOnly: readonly string[];
  /** Clips that cannot be read otherwise, of samples that have a text, each with what is wrong; their video counts as missing. */
  readonly unreadClips: readonly BadClip[];
  /** No clip and no image was found at all: the copy is a text-only one, or its clips lie elsewhere. */
  readonly textOnly: boolean;
  /** Of a text-only copy with videos: that and how one of them is called, and where the table's clips would be. */
  readonly strayClips?: string | undefined;
  /** Rows, clips and images that could not be used, each with what is wrong. */
  readonly bad: readonly BadClip[];
}

/** The data set that is a folder with a manifest. */
const MANIFEST = 'clips';

/** Samples that are encoded together, and kept as they are done: with clips or images fewer, as those take longer. */
const AT_ONCE = { clips: 8, texts: 64 } as const;

/**
 * Encodes a data set once with a bundle's encoders: the clips' frames, spread evenly over the slots, and the texts. What
 * is done is kept, so the same command goes on where it stopped: for one bundle and one folder, sample by sample as they lie
 * on disk; what could not be read is tried again. Of a file that was prepared before, what is still the same is kept.
 *
 * @throws UndertoneError those of `openDataset`; `data_clip` where clips are missing, also all that were there before, or a clip
 * cannot be read, and `data_image` likewise, unless `skipBad` and another sample can; `ffmpeg_missing`; `checkpoint_mismatch`
 * where `out` holds the same data set of another folder, of which less than half is in this one; `out_unwritable`, `out_busy`
 * where another process prepares that folder for `out`, `checkpoint_unwritable`; the signal's reason
 */
export async function prepareData(options: PrepareDataOptions): Promise<PrepareSummary> {
  const { model, data, out, skipBad = false } = options;
  const dataset = await openDataset(options.dataset, data, { skipBad });
  const samples = Object.keys(dataset.info.splits).flatMap((split) => [...dataset.samples(split)]);
  const { missingClips, textOnly } = clipsNotThere(dataset, samples);
  const strayClips = textOnly ? await straying(dataset) : undefined;
  if (missingClips.length > 0 && !skipBad) throw clipsMissing(dataset, missingClips, samples.length);
  await makeOut(out);
  const folder = await realpath(dataset.folder);
  const place = fingerprintOf({ bundle: encodersOf(model.info), items: [options.dataset, folder] }).slice(0, 24);
  const parts = join(out, 'parts', place);
  const reading = { ...options, skipBad, opened: dataset, samples, folder, parts, missingClips, textOnly, strayClips };
  return inOwnOut(parts, () => encodeDataset(reading));
}

interface Reading
  extends Omit<PrepareDataOptions, 'skipBad'>, Pick<PrepareSummary, 'missingClips' | 'textOnly' | 'strayClips'> {
  readonly skipBad: boolean;
  readonly opened: Dataset;
  readonly samples: readonly Sample[];
  /** Real path of the data set's folder. */
  readonly folder: string;
  /** Where what is done is kept. */
  readonly parts: string;
}

async function encodeDataset({
  opened: dataset,
  samples,
  folder,
  parts,
  missingClips,
  textOnly,
  strayClips,
  ...options
}: Reading): Promise<PrepareSummary> {
  const { model, out, skipBad, signal } = options;
  const { name, version, dimension, modalities } = model.info;
  const sha256 = encodersOf(model.info);
  const slots = modalities.find(({ kind }) => kind === 'image')?.slots ?? 1;
  const fingerprint = fingerprintOf({ bundle: sha256, items: samples.map((sample) => itemOf(sample)) });
  const file = join(out, `${options.dataset}-${sha256.slice(0, 12)}.safetensors`);
  const store = await partStore(parts, { slots, dimension });
  const stamps = await stampsOf(dataset, samples, signal);
  const before = await preparedBefore(file, { folder, stamps, sha256, slots, dimension });
  if (textOnly && dataset.info.clips !== undefined && !skipBad && [store, before].some(({ withVideo }) => withVideo))
    throw new UndertoneError(
      'data_clip',
      `the clips of ${dataset.info.title} that were encoded before are not in ${folder} any more; restore them, or take all video as missing with --skip-bad, which drops what was encoded`,
    );
  const table = emptyTable(samples.length, slots, dimension);
  const waiting = samples.flatMap((sample, row) => {
    const stamp = stamps[row] ?? '';
    return [store, before].some((known) => known.copy(stamp, table, row)) ? [] : [{ sample, row, stamp }];
  });
  const { unread, soundOnly, unreadClips } = await encodeAll(waiting, { ...options, skipBad, table, store });
  const faults = [...unread, ...unreadClips];
  const [first] = faults;
  if (first !== undefined && faults.length === samples.length)
    throw new UndertoneError(
      first.code,
      `none of the ${samples.length} samples of ${dataset.info.title} can be read; ${first.id}: ${first.message}`,
    );
  const unusable = new Set(unread.map(({ id }) => id));
  const textAlone = new Set([...soundOnly, ...unreadClips.map(({ id }) => id)]);
  const bundle = { name, version, sha256 };
  const kept = await writePrepared(file, {
    dataset: options.dataset,
    bundle,
    fingerprint,
    folder,
    samples,
    stamps: stamps.map((stamp, i) => (textAlone.has(samples[i]?.id ?? '') ? undefined : stamp)),
    unusable,
    table,
    slots,
    dimension,
  });
  await store.remove();
  return {
    dataset: options.dataset,
    file,
    encoded: waiting.length - unread.length,
    bundle,
    splits: splitCounts(options.dataset, kept.splits),
    withVideo: kept.withVideo,
    withText: kept.withText,
    faceless: samples.flatMap(({ id, video, image }, i) => {
      const shown = (video !== undefined || image !== undefined) && !unusable.has(id) && !textAlone.has(id);
      return shown && !hasAny(table.videoMask, i, slots) ? [id] : [];
    }),
    missingClips,
    soundOnly,
    unreadClips,
    textOnly,
    strayClips,
    bad: [
      ...dataset.bad.map((row) => ({ id: `${row.file} row ${row.row}`, code: row.code, message: row.message })),
      ...unread,
    ],
  };
}

/**
 * What has neither clip nor image in a copy that has some. A manifest says itself what there is of each sample, and what it
 * does not name is no missing one.
 */
function clipsNotThere(
  { info }: Dataset,
  samples: readonly Sample[],
): Pick<PrepareSummary, 'missingClips' | 'textOnly'> {
  const without = samples.filter(({ video, image }) => video === undefined && image === undefined);
  const textOnly = without.length === samples.length;
  const listed = info.name === MANIFEST || !samples.some(({ video }) => video !== undefined);
  return { missingClips: listed ? [] : without.map(({ id }) => id), textOnly };
}

/** What there is to say of videos that are in the folder although the table names none of them. */
async function straying({ folder, info }: Dataset): Promise<string | undefined> {
  if (info.clips === undefined) return undefined;
  const [first, ...others] = (await clipFiles(folder, (path) => path)).values();
  if (first === undefined) return undefined;
  const there = `${relative(folder, first)}${others.length === 0 ? '' : ` and ${others.length} more`}`;
  return `the table names none of the videos here (${there}), which would be ${info.clips}`;
}

/** A sample that is not encoded yet, and its row of the table. */
interface Waiting {
  readonly sample: Sample;
  readonly row: number;
  readonly stamp: string;
}

/**
 * Encodes samples into the table, and keeps them in the store some at a time, also those of the last ones that were done when
 * it is cut short.
 *
 * @returns what could not be read, the ids of what has sound alone, and the clips that could not be read of what has a text; all
 * are read again by the next run
 */
async function encodeAll(
  waiting: readonly Waiting[],
  {
    table,
    store,
    onProgress,
    ...options
  }: PrepareDataOptions & { readonly skipBad: boolean; readonly table: EmbeddedRows; readonly store: PartStore },
): Promise<{
  readonly unread: readonly BadClip[];
  readonly soundOnly: readonly string[];
  readonly unreadClips: readonly BadClip[];
}> {
  const shown = waiting.some(({ sample: { video, image } }) => video !== undefined || image !== undefined);
  const step = shown ? AT_ONCE.clips : AT_ONCE.texts;
  const unread: BadClip[] = [];
  const soundOnly: string[] = [];
  const unreadClips: BadClip[] = [];
  const before = table.n - waiting.length;
  onProgress?.(before, table.n);
  for (let start = 0; start < waiting.length; start += step) {
    options.signal?.throwIfAborted();
    const some = waiting.slice(start, start + step);
    const part = await encodePart(
      some.map(({ sample }) => sample),
      options,
    );
    const done: Waiting[] = [];
    for (const i of part.done) {
      const one = some[i] as Waiting;
      copyRow(table, one.row, part.rows, i);
      done.push(one);
    }
    await store.write(table, done);
    if (part.stopped !== undefined) throw part.stopped;
    unread.push(...part.bad);
    for (const i of [...part.soundOnly, ...part.unreadClips.map(({ row }) => row)])
      copyRow(table, (some[i] as Waiting).row, part.rows, i);
    soundOnly.push(...part.soundOnly.map((i) => (some[i] as Waiting).sample.id));
    unreadClips.push(...part.unreadClips.map(({ fault }) => fault));
    onProgress?.(before + start + some.length, table.n);
  }
  return { unread, soundOnly, unreadClips };
}

/** Samples between two turns: of images that are read and hashed at once, nothing else, Ctrl-C among it, would be heard. */
const TURN = 32;

/** @throws the signal's reason */
async function stampsOf(
  { folder }: Dataset,
  samples: readonly Sample[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const stamps: string[] = [];
  for (const [i, sample] of samples.entries()) {
    if (i % TURN === 0) await nextTurn();
    signal?.throwIfAborted();
    stamps.push(await sampleStamp(folder, sample));
  }
  return stamps;
}

function itemOf({ id, split, text = '', video = '' }: Sample): string {
  return [id, split, text, video].join('\u0001');
}

function clipsMissing({ info }: Dataset, missing: readonly string[], total: number): UndertoneError {
  const first = missing.slice(0, 3).join(', ');
  return new UndertoneError(
    'data_clip',
    `${missing.length} of the ${total} clips of ${info.title} are missing: ${first}${missing.length > 3 ? ', ...' : ''}; restore them, or take their video as missing with --skip-bad, which lists them all`,
  );
}

function splitCounts(name: string, here: Readonly<Record<string, number>>): PrepareSummary['splits'] {
  const published = PUBLISHED[name] ?? {};
  const total = Object.values(here).reduce((a, b) => a + b, 0);
  if (published['all'] !== undefined) return { all: { here: total, published: published['all'] } };
  const names = [...new Set([...Object.keys(published), ...Object.keys(here)])];
  return Object.fromEntries(
    names.map((split) => [split, { here: here[split] ?? 0, published: published[split] ?? null }]),
  );
}
