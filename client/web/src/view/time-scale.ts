/** Room right of now, for the newest point. */
const MARGIN_PX = 8;

/** Media time on the horizontal axis: now is just left of the right edge. */
export interface TimeScale {
  readonly nowMs: number;
  readonly spanMs: number;
}

export function toX(scale: TimeScale, ptsMs: number, width: number): number {
  return (width - MARGIN_PX) * (1 - (scale.nowMs - ptsMs) / scale.spanMs);
}

export function toMs(scale: TimeScale, x: number, width: number): number {
  return scale.nowMs - (1 - x / (width - MARGIN_PX)) * scale.spanMs;
}
