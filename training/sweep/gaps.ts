import type { Curve } from './curves.ts';
import type { Case, Phase } from './plan.ts';
import type { Spread } from './statistics.ts';
import type { Measure } from './sweep-set.ts';

/**
 * How much of what missing data costs is won back: at one rate, (TRML - zeros) / (everything observed - zeros), zeros
 * and everything observed being the heads that were trained on what is there without dropping any of it.
 */
export interface Gap extends Case {
  readonly phase: Phase;
  readonly rate: number;
  readonly zeros: number;
  readonly observed: number;
  readonly trml: number;
  /**
   * 1 is as good as everything observed, 0 no better than zeros, below 0 worse; null where zeros lose next to nothing, or no
   * more than the larger deviation of the two over the seeds.
   */
  readonly share: number | null;
}

/** Gaps smaller than this are noise, of which no share is worth naming. */
const SMALLEST = 0.01;

export function gapsOf(curves: readonly Curve[], measure: Measure | undefined): Gap[] {
  const own = curves.filter((curve) => curve.measure === measure?.name);
  const sign = measure?.better === 'lower' ? -1 : 1;
  return own
    .filter(({ method }) => method === 'zero-complete')
    .flatMap((zero) => {
      const trml = own.find((curve) => curve.method === 'trml' && sameCase(curve, zero));
      const observed = zero.full.mean;
      return zero.points.flatMap(({ rate, value }): Gap[] => {
        const zeros = value.mean;
        const reached = trml?.points.find((point) => point.rate === rate)?.value.mean;
        if (rate === 0 || zeros === null || observed === null || typeof reached !== 'number') return [];
        const gap = sign * (observed - zeros);
        const { phase, modality, level } = zero;
        const share = gap < smallest(value, zero.full) ? null : (sign * (reached - zeros)) / gap;
        return [{ phase, modality, level, rate, zeros, observed, trml: reached, share }];
      });
    });
}

function smallest(...of: readonly Spread[]): number {
  return Math.max(SMALLEST, ...of.map(({ deviation }) => deviation ?? 0));
}

/** Whether two curves are about the same thing missing. */
export function sameCase(a: Curve, b: Curve): boolean {
  return a.phase === b.phase && a.modality === b.modality && a.level === b.level;
}
