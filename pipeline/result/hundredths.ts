/** Rounds milliseconds as they are told: hundredths are enough. */
export function hundredths(ms: number): number {
  return Math.round(ms * 100) / 100;
}
