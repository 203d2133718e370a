import type { VisionEncoder } from './vision-encoder.ts';

export interface TimedEncoder {
  /** Milliseconds of processor time of one run, the median over the rounds. */
  readonly runMs: number;
  /** Frames a second of one core at that. */
  readonly framesPerS: number;
  /** Frames a second over those of the first encoder, the median of each round's ratio. */
  readonly ratio: number;
}

/**
 * Times encoders against the first one. Rounds take turns, so that what else the machine does falls on all of them, and a
 * ratio is made within each round. Processor time is counted and not time that passes: on one thread it is the same on a
 * machine that does nothing else, and waiting for a core is no cost of an encoder. `pixels` holds `batch` images.
 */
export async function timeEncoders(
  encoders: readonly VisionEncoder[],
  pixels: Uint8Array,
  batch: number,
  rounds: number,
): Promise<TimedEncoder[]> {
  for (const encoder of encoders) await encoder.encode(pixels, batch);
  const times = encoders.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++)
    for (const [i, encoder] of encoders.entries()) {
      const start = process.cpuUsage();
      await encoder.again();
      const { user, system } = process.cpuUsage(start);
      times[i]?.push((user + system) / 1000);
    }
  const first = times[0] ?? [];
  return times.map((own) => ({
    runMs: median(own),
    framesPerS: (1000 * batch) / median(own),
    ratio: median(own.map((ms, round) => (first[round] ?? ms) / ms)),
  }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
