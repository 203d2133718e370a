import { Reservoir } from './result/reservoir.ts';
import { hundredths } from './result/hundredths.ts';
import type { Metrics, SessionTotals } from './protocol/index.ts';

type Stage = keyof Metrics['latency_ms'];

/** Latencies and skew of the last while. Bound: 256 values each. */
export class Measures {
  readonly #latencies: Readonly<Record<Stage, Reservoir>> = {
    encode: new Reservoir(),
    predict: new Reservoir(),
    total: new Reservoir(),
  };
  readonly #skews = new Reservoir(64);

  latency(stage: Stage, ms: number): void {
    this.#latencies[stage].add(ms);
  }

  /** A caption arrived: its end minus the newest frame, media time. */
  skew(ms: number): void {
    this.#skews.add(ms);
  }

  message(totals: SessionTotals): Metrics {
    const percentiles = (stage: Stage): { p50: number; p95: number } => {
      const [p50, p95] = this.#latencies[stage].quantiles([0.5, 0.95]);
      return { p50: hundredths(p50 ?? 0), p95: hundredths(p95 ?? 0) };
    };
    return {
      type: 'metrics',
      ...totals,
      latency_ms: { encode: percentiles('encode'), predict: percentiles('predict'), total: percentiles('total') },
      skew_ms: this.#skews.quantile(0.5),
    };
  }
}
