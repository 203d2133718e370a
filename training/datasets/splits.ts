import { UndertoneError } from '../../models/errors.ts';

/** Names that mean one split; the first that a data set holds is taken. */
const ALIASES: readonly (readonly string[])[] = [
  ['train', 'training'],
  ['val', 'valid', 'dev', 'validation', 'publictest'],
  ['test', 'testing', 'privatetest'],
];

/** Spellings with one key are one split: outer blanks and case do not count. */
export const splitKey = (name: string): string => name.trim().toLowerCase();

/** The split of `held` that `wanted` names: itself, or one with the same meaning (`val`, `valid` and `dev` are one). */
export function findSplit(wanted: string, held: readonly string[]): string | undefined {
  if (held.includes(wanted)) return wanted;
  const key = splitKey(wanted);
  for (const name of [key, ...(ALIASES.find((group) => group.includes(key)) ?? [])]) {
    const found = held.find((each) => splitKey(each) === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * As {@link findSplit}.
 * @throws UndertoneError `data_split`
 */
export function resolveSplit(dataset: string, wanted: string, held: readonly string[]): string {
  const found = findSplit(wanted, held);
  if (found !== undefined) return found;
  throw new UndertoneError('data_split', `${dataset} here holds the splits ${held.join(', ')}; "${wanted}" is none`);
}
