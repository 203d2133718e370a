const EVERY_MS = 10;

const waiting = new Map<() => void, number>();
let timer: NodeJS.Timeout | undefined;

/**
 * Calls back once, `withinMs` from now or up to 10 ms later; a callback that waits already
 * keeps the earlier of its times. One timer for everybody in the process, which keeps no process alive.
 * @returns the cancellation, for `callback` whoever asked for it
 */
export function soon(callback: () => void, withinMs: number): () => void {
  const dueMs = performance.now() + withinMs;
  waiting.set(callback, Math.min(dueMs, waiting.get(callback) ?? Infinity));
  timer ??= setTimeout(tick, EVERY_MS).unref();
  return () => void waiting.delete(callback);
}

function tick(): void {
  timer = undefined;
  const nowMs = performance.now();
  for (const [callback, dueMs] of waiting) {
    if (dueMs > nowMs) continue;
    waiting.delete(callback);
    callback();
  }
  if (waiting.size > 0) timer = setTimeout(tick, EVERY_MS).unref();
}
