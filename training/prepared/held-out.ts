import { UndertoneError } from '../../models/errors.ts';
import { findSplit } from '../datasets/splits.ts';
import type { PreparedIndex } from '../prepare/prepared-file.ts';
import { hashedPart } from './hash-share.ts';

type Clips = PreparedIndex['clips'];

/** Part of the training clips that is held out where no split is there to validate on. */
const SHARE = 0.1;

/**
 * The clips of a prepared file with a validation split: their own, or a tenth of those of the training split, told by a hash
 * of the clip's group or, where it has none, of its id. A group is never cut, unless it is the only one; of few clips at
 * least one is held out, and one stays.
 *
 * @param path of the file
 * @throws UndertoneError `data_split` where there is one training clip alone, of which nothing can be held out
 */
export function withValidation(path: string, clips: Clips): { readonly clips: Clips; readonly heldOut: boolean } {
  const held = [...new Set(clips.map(({ split }) => split))];
  const training = findSplit('train', held);
  if (training === undefined || findSplit('val', held) !== undefined) return { clips, heldOut: false };
  const own = clips.filter(({ split }) => split === training);
  if (own.length < 2)
    throw new UndertoneError(
      'data_split',
      `${path} has one training clip and no validation split, so there is none to validate on; add clips, and prepare them again`,
    );
  const part = hashedPart('held out', own, SHARE);
  const out = new Set(own.filter((_, i) => part[i]));
  return { clips: clips.map((clip) => (out.has(clip) ? { ...clip, split: 'val' } : clip)), heldOut: true };
}

/**
 * The clips of a prepared file for a split: as they are, but for the validation split as training has it.
 *
 * @throws UndertoneError that of {@link withValidation}
 */
export function clipsFor(
  path: string,
  split: string,
  clips: Clips,
): { readonly clips: Clips; readonly heldOut: boolean } {
  return findSplit(split, ['val']) === undefined ? { clips, heldOut: false } : withValidation(path, clips);
}
