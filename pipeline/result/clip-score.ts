/** The score as it is told: in [-3, 3]. */
export function clipScore(score: number): number {
  return Math.min(3, Math.max(-3, score));
}
