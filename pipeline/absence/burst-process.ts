import { random } from '../../models/random.ts';

/** Mean number of bursts per block of time that is generated at once; also bounds what is kept in memory. */
const BURSTS_PER_BLOCK = 256;
const BLOCKS_KEPT = 4;

/**
 * A two-state loss process in continuous time (Gilbert 1960, with Elliott's names: the good state passes, the bad state
 * loses): exponential stays with mean `burstMs` in the bad state and burstMs * (1 - rate) / rate in the good one, so the
 * stationary share of lost time is `rate`.
 *
 * Time is generated in blocks of a few hundred bursts, each from its own stream and starting from the stationary
 * distribution, so any time is answered directly, in any order, at a bounded cost. A block's border may cut a burst,
 * which shortens the mean burst by less than one part in `BURSTS_PER_BLOCK` / 2.
 *
 * @param rate share of lost time, above 0 and below 1
 * @param keys name the random stream
 * @returns whether the time in milliseconds is lost
 */
export function burstProcess({
  rate,
  burstMs,
  keys,
}: {
  rate: number;
  burstMs: number;
  keys: readonly (string | number)[];
}): (ptsMs: number) => boolean {
  const gapMs = (burstMs * (1 - rate)) / rate;
  const blockMs = BURSTS_PER_BLOCK * (burstMs + gapMs);
  const blocks = new Map<number, Block>();

  const blockOf = (index: number): Block => {
    const known = blocks.get(index);
    if (known !== undefined) return known;
    const stream = random(...keys, index);
    const startsLost = stream.chance(rate);
    const changes: number[] = [];
    let lost = startsLost;
    for (let at = 0; at < blockMs; lost = !lost) {
      at -= Math.log(1 - stream.uniform()) * (lost ? burstMs : gapMs);
      changes.push(at);
    }
    const oldest = blocks.keys().next().value;
    if (blocks.size >= BLOCKS_KEPT && oldest !== undefined) blocks.delete(oldest);
    const block = { startsLost, changes };
    blocks.set(index, block);
    return block;
  };

  return (ptsMs) => {
    const index = Math.floor(ptsMs / blockMs);
    const { startsLost, changes } = blockOf(index);
    return startsLost !== (countUpTo(changes, ptsMs - index * blockMs) % 2 === 1);
  };
}

interface Block {
  readonly startsLost: boolean;
  /** Times at which the state flips, ascending, milliseconds from the block's start. */
  readonly changes: readonly number[];
}

/** How many of the ascending values are at most `limit`. */
function countUpTo(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
