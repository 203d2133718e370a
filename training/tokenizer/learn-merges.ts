import { PairQueue } from './pair-queue.ts';

export interface Merges {
  /** Every token, the alphabet first, then what the merges made, in order. */
  readonly tokens: readonly string[];
  /** Pairs to merge, the first taking precedence. */
  readonly merges: readonly (readonly [left: string, right: string])[];
}

/** More tokens than this and two ids no longer fit one key. */
const MAX_TOKENS = 2 ** 20;

/**
 * Learns byte-pair encoding: the most frequent pair of neighbouring tokens becomes a token, again and again
 * (Sennrich et al., ACL 2016, algorithm 1). Pairs of equal count are taken in the order of their spelling.
 *
 * @param words every distinct word as a sequence of tokens of the alphabet, with how often it occurs
 * @param alphabet tokens that are there from the start
 * @param size how many tokens there may be in all
 * @param minCount pairs seen less often are not merged
 */
export function learnMerges(
  words: Iterable<readonly [tokens: readonly string[], count: number]>,
  alphabet: readonly string[],
  size: number,
  minCount: number,
): Merges {
  if (size > MAX_TOKENS) throw new RangeError(`a vocabulary of ${size} is too large, the limit is ${MAX_TOKENS}`);
  const tokens = [...alphabet];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const corpus = [...words].map(([spelled, count]) => ({ ids: spelled.map((token) => idOf(ids, token)), count }));
  const counts = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const queue = new PairQueue();

  /** Adds a word's pairs to the counts (sign 1) or takes them away (sign -1); `touched` gets their keys. */
  const count = (index: number, sign: 1 | -1, touched?: Set<number>): void => {
    const word = corpus[index];
    if (word === undefined) return;
    for (let i = 0; i + 1 < word.ids.length; i++) {
      const key = keyOf(word.ids[i] ?? 0, word.ids[i + 1] ?? 0);
      counts.set(key, (counts.get(key) ?? 0) + sign * word.count);
      touched?.add(key);
      if (sign === -1) continue;
      const at = places.get(key);
      if (at === undefined) places.set(key, new Set([index]));
      else at.add(index);
    }
  };
  const enqueue = (key: number): void => {
    const now = counts.get(key) ?? 0;
    if (now < minCount) return;
    queue.push({ left: tokens[leftOf(key)] ?? '', right: tokens[rightOf(key)] ?? '', key, count: now });
  };

  for (const index of corpus.keys()) count(index, 1);
  for (const key of counts.keys()) enqueue(key);

  const merges: [string, string][] = [];
  while (tokens.length < size) {
    const pair = queue.pop();
    if (pair === undefined) break;
    // An entry with an outdated count: the pair has become rarer since, and goes back with today's count, or has
    // become more frequent, and was queued again then.
    const now = counts.get(pair.key) ?? 0;
    if (now !== pair.count) {
      if (now < pair.count) enqueue(pair.key);
      continue;
    }
    merges.push([pair.left, pair.right]);
    const token = pair.left + pair.right;
    let merged = ids.get(token);
    if (merged === undefined) {
      merged = tokens.length;
      ids.set(token, merged);
      tokens.push(token);
    }
    const touched = new Set<number>();
    for (const index of places.get(pair.key) ?? []) {
      const word = corpus[index];
      if (word === undefined) continue;
      count(index, -1);
      word.ids = replacePair(word.ids, leftOf(pair.key), rightOf(pair.key), merged);
      count(index, 1, touched);
    }
    counts.delete(pair.key);
    places.delete(pair.key);
    for (const key of touched) if (leftOf(key) === merged || rightOf(key) === merged) enqueue(key);
  }
  return { tokens, merges };
}

const keyOf = (left: number, right: number): number => left * MAX_TOKENS + right;
const leftOf = (key: number): number => Math.floor(key / MAX_TOKENS);
const rightOf = (key: number): number => key % MAX_TOKENS;

function idOf(ids: ReadonlyMap<string, number>, token: string): number {
  const id = ids.get(token);
  if (id === undefined) throw new RangeError(`"${token}" is not in the alphabet`);
  return id;
}

/** The sequence with every `left, right` made one, from the left. */
function replacePair(ids: readonly number[], left: number, right: number, merged: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    if (id === left && ids[i + 1] === right) {
      out.push(merged);
      i++;
    } else {
      out.push(id);
    }
  }
  return out;
}
