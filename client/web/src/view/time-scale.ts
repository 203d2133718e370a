/** Media time on the horizontal axis: the right edge is now. */
export interface TimeScale {
  readonly nowMs: number;
  readonly spanMs: number;
}

export function toX(scale: TimeScale, ptsMs: number, width: number): number {
  return width * (1 - (scale.nowMs - ptsMs) / scale.spanMs);
}

export function toMs(scale: TimeScale, x: number, width: number): number {
  return scale.nowMs - (1 - x / width) * scale.spanMs;
}
