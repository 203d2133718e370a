import type { HeadsStageOptions } from './heads-stage.ts';

/** The heads, and the two baselines that fill with zeros, by the names that reports use. */
export const HEADS_RUNS: readonly {
  readonly key: string;
  readonly name: string;
  readonly variant: NonNullable<HeadsStageOptions['variant']>;
}[] = [
  { key: 'heads', name: 'heads', variant: { fill: 'virtual', drops: true } },
  { key: 'zero_complete', name: 'zero-fill heads on complete data', variant: { fill: 'zero', drops: false } },
  { key: 'zero_dropout', name: 'zero-fill heads with dropout', variant: { fill: 'zero', drops: true } },
];
