import { realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UndertoneError } from '../../models/errors.ts';
import type { LocalModel } from '../../models/runtime/load-local-model.ts';
import { openDataset, type Dataset } from '../datasets/open-dataset.ts';
import type { Sample } from '../datasets/sample.ts';
import { fingerprintOf } from '../embeddings/cached-rows.ts';
import { fingerprint as named } from '../fingerprint.ts';
import { makeOut } from '../make-out.ts';
import { encodePart, type BadClip, type ClipDecoder, type Part } from './encode-part.ts';
import { mendPart } from './mend-part.ts';
import { partStore } from './part-store.ts';
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
  /** No clip and no image was found at all: the copy is a text-only one, or its clips lie elsewhere. */
  readonly textOnly: boolean;
  /** Rows, clips and images that could not be used, each with what is wrong. */
  readonly bad: readonly BadClip[];
}

/** The data set that is a folder with a manifest. */
const MANIFEST = 'clips';

/** Clips of a part: few enough that little is lost when it is cut short. */
const PART = 64;

/**
 * Encodes a data set once with a bundle's encoders: the clips' frames, spread evenly over the slots, and the texts. What
 * is done is kept in parts, so the same command goes on where it stopped; a part belongs to one bundle, one data set and
 * the clips as they lie on disk, and what of it could not be read is tried again. Of a file that was prepared before, what is
 * still the same is kept.
 *
 * @throws UndertoneError those of `openDataset`; `data_clip` where clips are missing, or a clip cannot be read, and
 * `data_image` likewise, unless `skipBad`; `ffmpeg_missing`; `checkpoint_mismatch` where `out` holds the same data set of
 * another folder; `out_unwritable`, `checkpoint_unwritable`; the signal's reason
 */
export async function prepareData(options: PrepareDataOptions): Promise<PrepareSummary> {
  const { model, data, out, skipBad = false, signal } = options;
  const { name, version, dimension, modalities } = model.info;
  const sha256 = encodersOf(model.info);
  const dataset = await openDataset(options.dataset, data, { skipBad });
  const samples = Object.keys(dataset.info.splits).flatMap((split) => [...dataset.samples(split)]);
  const { missingClips, textOnly } = clipsNotThere(dataset, samples);
  if (missingClips.length > 0 && !skipBad) throw clipsMissing(dataset, missingClips, samples.length);
  const slots = modalities.find(({ kind }) => kind === 'image')?.slots ?? 1;
  const fingerprint = fingerprintOf({ bundle: sha256, items: samples.map((sample) => itemOf(sample)) });
  const file = join(out, `${options.dataset}-${sha256.slice(0, 12)}.safetensors`);
  const store = partStore(join(out, 'parts', fingerprint.slice(0, 24)), { slots, dimension });
  await makeOut(out);
  const folder = await realpath(dataset.folder);
  const before = await preparedBefore(file, { folder, sha256, slots, dimension });
  const parts: Part[] = [];
  const stamps: string[] = [];
  let encoded = 0;
  for (let start = 0; start < samples.length; start += PART) {
    signal?.throwIfAborted();
    const chunk = samples.slice(start, start + PART);
    const each = await Promise.all(chunk.map((sample) => sampleStamp(sample)));
    const stamp = named(each);
    const ids = chunk.map(({ id }) => id);
    const kept = (await store.read(start, chunk.length, stamp)) ?? before.part(ids, each);
    const encoding = { ...options, skipBad };
    const part = kept === undefined ? await encodePart(chunk, encoding) : await mendPart(kept, chunk, encoding);
    if (part !== kept) await store.write(start, part, stamp);
    encoded += kept === undefined ? chunk.length : kept.bad.length;
    parts.push(part);
    stamps.push(...each);
    options.onProgress?.(Math.min(samples.length, start + PART), samples.length);
  }
  const unread = parts.flatMap(({ bad }) => bad);
  const unusable = new Set(unread.map(({ id }) => id));
  const bundle = { name, version, sha256 };
  const kept = await writePrepared(file, {
    dataset: options.dataset,
    bundle,
    fingerprint,
    folder,
    samples,
    stamps,
    unusable,
    parts,
    slots,
    dimension,
  });
  await rm(join(out, 'parts', fingerprint.slice(0, 24)), { recursive: true, force: true });
  return {
    dataset: options.dataset,
    file,
    encoded,
    bundle,
    splits: splitCounts(options.dataset, kept.splits),
    withVideo: kept.withVideo,
    withText: kept.withText,
    faceless: samples.flatMap(({ id, video, image }, i) => {
      const shown = (video !== undefined || image !== undefined) && !unusable.has(id);
      return shown && !seen(parts, i, slots) ? [id] : [];
    }),
    missingClips,
    textOnly,
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

/** Whether a slot of a sample holds anything. */
function seen(parts: readonly Part[], row: number, slots: number): boolean {
  const at = row % PART;
  return parts[Math.floor(row / PART)]?.videoMask.subarray(at * slots, (at + 1) * slots).includes(1) ?? false;
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
