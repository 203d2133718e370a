import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../pipeline/clock.ts';

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([0, 250, 2 ** 31 - 1, 2 ** 31 + 1000, 1e11])('calls back after %d ms, once', (delayMs) => {
    const callback = vi.fn<() => void>();
    systemClock.schedule(delayMs, callback);
    vi.advanceTimersByTime(Math.max(0, delayMs - 1));
    expect(callback).toHaveBeenCalledTimes(delayMs === 0 ? 1 : 0);
    vi.advanceTimersByTime(delayMs + 1000);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('is cancelled, also in the middle of a long wait', () => {
    const callback = vi.fn<() => void>();
    const cancel = systemClock.schedule(2 ** 32, callback);
    vi.advanceTimersByTime(2 ** 31 + 1000);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(2 ** 32);
    expect(callback).not.toHaveBeenCalled();
  });
});
