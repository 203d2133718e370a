import { random } from '../../models/random.ts';
import type { Loss } from '../protocol/index.ts';
import { burstProcess } from './burst-process.ts';

/** What becomes of one item before it is decoded and encoded. */
export interface Fate {
  /** `drop`: lost. `freeze`: the last item that passed is repeated in its place. `delay`: passes, `delayMs` later. */
  readonly action: 'pass' | 'drop' | 'delay' | 'freeze';
  /** How much later it arrives, in milliseconds; 0 for what is dropped. */
  readonly delayMs: number;
}

const PASS: Fate = { action: 'pass', delayMs: 0 };
const DROP: Fate = { action: 'drop', delayMs: 0 };

/**
 * The injected loss of one modality, as a pure function of media time.
 *
 * An item's fate depends on `loss`, the modality's name and the item's time in whole milliseconds, and on nothing else:
 * not on the other items, their order or their grouping. Replays, live sessions and tests that ask about the same time
 * hear the same. Two items of the same time share their fate.
 *
 * - `burst_ms` 0: each item is lost with probability `rate`, independently.
 * - `burst_ms` above 0: a two-state process in time, lost for exponential stretches of `burst_ms` on average and passing
 *   in between so that the share of lost time is `rate` (see {@link burstProcess}).
 * - `freeze`: what would be lost repeats the last item instead.
 * - `delay_ms`: what is not lost arrives that much later.
 *
 * A `rate` of 0 loses nothing and of 1 loses everything, exactly; a blackout is a rate of 1 while it lasts.
 */
export function lossProcess(loss: Loss, modality: string): (ptsMs: number) => Fate {
  const lost = lossAt(loss, modality);
  const kept: Fate = loss.delay_ms > 0 ? { action: 'delay', delayMs: loss.delay_ms } : PASS;
  const gone: Fate = loss.freeze ? { action: 'freeze', delayMs: loss.delay_ms } : DROP;
  return (ptsMs) => (lost(ptsMs) ? gone : kept);
}

function lossAt({ rate, burst_ms: burstMs, seed }: Loss, modality: string): (ptsMs: number) => boolean {
  if (rate <= 0) return () => false;
  if (rate >= 1) return () => true;
  if (burstMs > 0) return burstProcess({ rate, burstMs, keys: [seed, 'burst', modality] });
  return (ptsMs) => random(seed, 'loss', modality, ptsMs).uniform() < rate;
}
