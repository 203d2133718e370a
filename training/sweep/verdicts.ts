import type { Curve } from './curves.ts';
import { sameCase } from './gaps.ts';
import type { Case, Phase } from './plan.ts';
import type { Spread } from './statistics.ts';
import type { Measure } from './sweep-set.ts';

/** TRML against another method at one rate. */
export interface Verdict extends Case {
  readonly phase: Phase;
  readonly rate: number;
  readonly other: string;
  /** How much better TRML is on the first measure; negative is worse. */
  readonly difference: number;
  /** The larger of the two deviations over the seeds; null with one seed. */
  readonly deviation: number | null;
  /** `ahead` and `behind` are by more than the deviation. */
  readonly outcome: 'ahead' | 'level' | 'behind';
}

export function verdictsOf(curves: readonly Curve[], measure: Measure | undefined): Verdict[] {
  const own = curves.filter((curve) => curve.measure === measure?.name);
  const sign = measure?.better === 'lower' ? -1 : 1;
  return own
    .filter(({ method }) => method === 'trml')
    .flatMap((trml) =>
      own
        .filter((curve) => curve.method !== 'trml' && sameCase(curve, trml))
        .flatMap((other) => {
          const { phase, modality, level } = trml;
          return trml.points.flatMap(({ rate, value }): Verdict[] => {
            const against = other.points.find((point) => point.rate === rate)?.value;
            const compared = against === undefined ? undefined : compare(value, against, sign);
            return compared === undefined ? [] : [{ phase, modality, level, rate, other: other.method, ...compared }];
          });
        }),
    );
}

function compare(
  a: Spread,
  b: Spread,
  sign: number,
): Pick<Verdict, 'difference' | 'deviation' | 'outcome'> | undefined {
  if (a.mean === null || b.mean === null) return undefined;
  const difference = sign * (a.mean - b.mean);
  const deviation = a.deviation === null || b.deviation === null ? null : Math.max(a.deviation, b.deviation);
  const bar = deviation ?? 0;
  const outcome = difference > bar ? 'ahead' : difference < -bar ? 'behind' : 'level';
  return { difference, deviation, outcome };
}
