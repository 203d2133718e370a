const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];
const MOST = 6;

/** Round times from 0 to below the end, at most six of them, in milliseconds. */
export function timeTicks(durationMs: number): number[] {
  const last = STEPS_S.at(-1) ?? 1;
  const fits = STEPS_S.find((step) => durationMs / 1000 / step <= MOST);
  const stepMs = 1000 * (fits ?? last * Math.ceil(durationMs / 1000 / last / MOST));
  return Array.from({ length: Math.ceil(durationMs / stepMs) }, (_, i) => i * stepMs);
}
