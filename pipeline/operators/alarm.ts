import { Subject } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Clock } from '../frames.ts';

/** One timer that can be moved. */
export interface Alarm {
  readonly rings: Observable<void>;
  /** Rings once at that wall time instead of any time set before; null for never. */
  set(atMs: number | null): void;
}

export function alarm(clock: Clock): Alarm {
  const rings = new Subject<void>();
  let cancel: (() => void) | undefined;
  let setMs: number | null = null;
  return {
    rings,
    set(atMs) {
      if (atMs === setMs) return;
      cancel?.();
      cancel = undefined;
      setMs = atMs;
      if (atMs === null) return;
      cancel = clock.schedule(Math.max(0, atMs - clock.now()), () => {
        setMs = null;
        rings.next();
      });
    },
  };
}
