/**
 * Byte-pair encoding as its definition says: of all neighbouring pairs that may merge, the one that was learnt first
 * merges, its leftmost occurrence first, until none is left.
 */
export function cutByDefinition(word: readonly string[], merges: readonly (readonly [string, string])[]): string[] {
  const ranks = new Map(merges.map(([left, right], rank) => [`${left} ${right}`, rank]));
  const tokens = [...word];
  for (;;) {
    let best = Infinity;
    let at = -1;
    for (let i = 0; i + 1 < tokens.length; i++) {
      const rank = ranks.get(`${tokens[i]} ${tokens[i + 1]}`) ?? Infinity;
      if (rank < best) [best, at] = [rank, i];
    }
    if (at === -1) return tokens;
    tokens.splice(at, 2, `${tokens[at]}${tokens[at + 1]}`);
  }
}
