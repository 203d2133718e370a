import { random } from '../../models/random.ts';
import { hasAny, type ClipTable } from './clip-table.ts';

export type Modality = 'video' | 'text';

/** `sample`: a clip has the modality or not. `frame`: each of its frames is there or not. A text has no frames. */
export type Level = 'sample' | 'frame';

/** What of a set is missing. */
export interface Loss {
  readonly modality: Modality;
  readonly level: Level;
  /** Share that is missing, in [0, 1]. */
  readonly rate: number;
}

/** Which parts of a table are observed: [n, slots] and [n], 1 where observed. */
export interface Masks {
  readonly video: Float32Array;
  readonly text: Float32Array;
}

/** Nothing is missing beyond what the data lacks. */
export const NO_LOSS = null;

/**
 * What is left of a table after a loss. The numbers drawn depend on the keys and not on the rate, so what is missing at
 * one rate is also missing at every higher one. A clip that would have nothing left keeps what it had: nothing can be
 * said of it, by any method.
 */
export function lossMasks(table: ClipTable, loss: Loss | null, ...keys: readonly (string | number)[]): Masks {
  const video = table.videoMask.slice();
  const text = table.textMask.slice();
  if (loss === null || loss.rate === 0) return { video, text };
  const { n, slots } = table;
  const draw = random(...keys, loss.modality, loss.level);
  const lost = (): boolean => draw.uniform() < loss.rate;
  for (let i = 0; i < n; i++) {
    if (loss.modality === 'text') {
      if (lost()) text[i] = 0;
    } else if (loss.level === 'sample') {
      if (lost()) video.fill(0, i * slots, (i + 1) * slots);
    } else {
      for (let slot = 0; slot < slots; slot++) if (lost()) video[i * slots + slot] = 0;
    }
    if (text[i] === 0 && !hasAny(video, i, slots)) {
      video.set(table.videoMask.subarray(i * slots, (i + 1) * slots), i * slots);
      text[i] = table.textMask[i] ?? 0;
    }
  }
  return { video, text };
}
