/**
 * How far captions are from the frames that arrive with them.
 *
 * @param skewMs their end minus the time of the newest frame, in milliseconds; null until a caption came
 */
export function skewText(skewMs: number | null): string {
  if (skewMs === null) return 'unknown';
  const ms = Math.round(skewMs);
  return ms === 0 ? 'together' : `${Math.abs(ms)} ms ${ms < 0 ? 'behind' : 'ahead'}`;
}
