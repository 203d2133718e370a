import { UndertoneError } from '../../models/errors.ts';

/** Names that mean one split; the first that a data set holds is taken. */
const ALIASES: readonly (readonly string[])[] = [
  ['train', 'training'],
  ['val', 'valid', 'dev', 'validation', 'publictest'],
  ['test', 'testing', 'privatetest'],
];

/** Names are compared without outer blanks and in lower case. */
const plain = (name: string): string => name.trim().toLowerCase();

/** The split of `held` that `wanted` names: itself, or one with the same meaning (`val`, `valid` and `dev` are one). */
export function findSplit(wanted: string, held: readonly string[]): string | undefined {
  if (held.includes(wanted)) return wanted;
  const key = plain(wanted);
  for (const name of [key, ...(ALIASES.find((group) => group.includes(key)) ?? [])]) {
    const found = held.find((each) => plain(each) === name);
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
