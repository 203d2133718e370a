import { fingerprint } from '../fingerprint.ts';

/** A number from 0 up to 1 that a name alone decides: the same everywhere, and spread evenly over names. */
export function hashShare(...name: readonly string[]): number {
  return Number.parseInt(fingerprint(...name).slice(0, 8), 16) / 2 ** 32;
}

/**
 * Which clips make up a share of them, told by a hash of their group or, where they have none, of their id: a group is never cut,
 * unless it is the only one. Of several clips at least one is in it, and one is not.
 *
 * @param purpose another one takes other clips
 */
export function hashedPart(
  purpose: string,
  clips: readonly { readonly id: string; readonly group?: string | undefined }[],
  share: number,
): boolean[] {
  const groups = clips.map(({ id, group }) => group ?? id);
  const keys = new Set(groups).size > 1 ? groups : clips.map(({ id }) => id);
  const shares = keys.map((key) => hashShare(purpose, key));
  const [least = 0, ...others] = shares.toSorted((a, b) => a - b);
  const limit = Math.min(Math.max(least, share), others.at(-1) ?? 1);
  return shares.map((each) => each === least || each < limit);
}
