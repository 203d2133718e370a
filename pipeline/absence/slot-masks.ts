import type { Random } from '../../models/random.ts';

/** Ways in which slots of a window go missing; the same that live sessions meet. */
export const SLOT_PATTERNS = ['bernoulli', 'burst', 'blackout', 'late'] as const;
export type SlotPattern = (typeof SLOT_PATTERNS)[number];

/**
 * A mask of `slots` values, 1 observed and 0 missing, about a share `rate` of them missing. May be all 0 or all 1.
 *
 * - `bernoulli`: each slot on its own.
 * - `burst`: the two-state chain of Gilbert and Elliott, `burstSlots` missing in a row on average.
 * - `blackout`: one contiguous stretch of round(rate * slots) slots anywhere.
 * - `late`: the newest round(rate * slots) slots, as when frames have not arrived yet.
 */
export function slotMask(
  random: Random,
  slots: number,
  pattern: SlotPattern,
  { rate, burstSlots = 3 }: { readonly rate: number; readonly burstSlots?: number },
): Float32Array {
  if (pattern === 'bernoulli') return Float32Array.from({ length: slots }, () => (random.chance(rate) ? 0 : 1));
  if (pattern === 'burst') return burstMask(random, slots, rate, burstSlots);
  const missing = Math.round(rate * slots);
  const start = pattern === 'late' ? slots - missing : random.int(slots - missing + 1);
  return new Float32Array(slots).fill(1).fill(0, start, start + missing);
}

function burstMask(random: Random, slots: number, rate: number, burstSlots: number): Float32Array {
  if (rate >= 1) return new Float32Array(slots);
  // A chance of entering a burst above 1 has no meaning: at high rates bursts are at least rate / (1 - rate) long.
  const length = Math.max(1, burstSlots, rate / (1 - rate));
  const leave = 1 / length;
  const enter = (leave * rate) / (1 - rate);
  let lost = random.chance(rate);
  return Float32Array.from({ length: slots }, () => {
    const value = lost ? 0 : 1;
    lost = lost ? !random.chance(leave) : random.chance(enter);
    return value;
  });
}
