/** How far to either side of its score a reading is drawn: the wider, the less sure it is. */
export function spreadOf(confidence: number | null): number {
  return (1 - (confidence ?? 0.5)) * 1.1;
}
