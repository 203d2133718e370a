export interface ScheduleConfig {
  readonly steps: number;
  readonly peak: number;
  /** Steps of linear warm-up. */
  readonly warmup: number;
  /** Share of the peak that the cosine ends at. */
  readonly floor: number;
}

/** Learning rate at a step counted from 0: linear warm-up, then cosine decay (arXiv 1608.03983). */
export function learningRateAt(step: number, { steps, peak, warmup, floor }: ScheduleConfig): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  return peak * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * progress)));
}
