/** Texts that are padded together at most. */
export const MOST_TEXTS = 64;

/**
 * Splits token sequences into groups that are padded together, so that one long text does not make short ones slow.
 *
 * Sequences are sorted by length; a group ends where its longest would exceed twice its shortest (never below
 * `slack` tokens) or where it holds `maxGroup`. Returns the indices of each group.
 */
export function groupByLength(lengths: readonly number[], maxGroup: number, slack = 16): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  const groups: number[][] = [];
  let current: number[] = [];
  let limit = 0;
  for (const index of order) {
    const length = lengths[index] ?? 0;
    if (current.length === 0 || current.length >= maxGroup || length > limit) {
      current = [];
      groups.push(current);
      limit = Math.max(slack, 2 * length);
    }
    current.push(index);
  }
  return groups;
}

export interface PaddedTokens {
  /** int64 `[count, length]`. */
  readonly tokens: BigInt64Array;
  /** float32 `[count, length]`, 1 on tokens. */
  readonly mask: Float32Array;
  readonly length: number;
}

/**
 * Pads sequences on the right to the longest, and at least to `padTo`. One without tokens counts its first padding, so
 * that no mean is 0 / 0.
 */
export function padTokens(sequences: readonly Int32Array[], padId: number, padTo = 1): PaddedTokens {
  const length = Math.max(padTo, ...sequences.map((ids) => ids.length));
  const tokens = new BigInt64Array(sequences.length * length).fill(BigInt(padId));
  const mask = new Float32Array(sequences.length * length);
  for (const [row, ids] of sequences.entries()) {
    for (const [column, id] of ids.entries()) tokens[row * length + column] = BigInt(id);
    mask.fill(1, row * length, row * length + Math.max(1, ids.length));
  }
  return { tokens, mask, length };
}
