import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { sha256 } from '../../models/bundle/sha256.ts';
import type { Picture } from '../augment/picture.ts';
import type { ScenePictures } from '../augment/scene.ts';
import { writeWhole } from '../engine/write-whole.ts';
import { fingerprint } from '../fingerprint.ts';
import { sortPictures, type SortOptions } from './sort-pictures.ts';

const Place = z.object({ x: z.number(), y: z.number(), side: z.number() });
const Kept = z.object({
  made_of: z.string(),
  /** Places among the pictures. */
  faceless: z.array(z.int()),
  portraits: z.array(z.object({ at: z.int(), faces: z.array(Place) })),
});
type Kept = z.infer<typeof Kept>;

/**
 * As {@link sortPictures}, or what an earlier run left at `path` of the same pictures, detector and thresholds: a run that
 * goes on asks the detector nothing again.
 *
 * @throws UndertoneError `checkpoint_unwritable`; the signal's reason
 */
export async function keptSort(
  path: string,
  pictures: readonly Picture[],
  options: SortOptions,
): Promise<ScenePictures> {
  const madeOf = fingerprint(
    options.detector.name,
    options.config,
    pictures.map(({ width, height, channels, data }) => [width, height, channels, sha256(data)]),
  );
  const kept = await readKept(path);
  if (kept?.made_of === madeOf) return picturesOf(kept, pictures);
  const sorted = await sortPictures(pictures, options);
  const places = new Map(pictures.map((picture, at) => [picture, at]));
  const at = (picture: Picture): number => places.get(picture) ?? 0;
  const made: Kept = {
    made_of: madeOf,
    faceless: sorted.faceless.map(at),
    portraits: sorted.portraits.map(({ picture, faces }) => ({ at: at(picture), faces: [...faces] })),
  };
  await writeWhole(path, (file) => file.writeFile(JSON.stringify(made)));
  return sorted;
}

/** Undefined where there is none, or none that is whole. */
async function readKept(path: string): Promise<Kept | undefined> {
  try {
    return Kept.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function picturesOf({ faceless, portraits }: Kept, pictures: readonly Picture[]): ScenePictures {
  return {
    faceless: faceless.map((at) => pictures[at] as Picture),
    portraits: portraits.map(({ at, faces }) => ({ picture: pictures[at] as Picture, faces })),
  };
}
