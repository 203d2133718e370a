/** Less is the clock of the wall being set right, or a pause between its reading and that of the other. */
const SHORTEST_MS = 1000;
/** After so much time over a connection that held, the server has waited for this clock, and nothing is late any more. */
const SETTLED_MS = 120_000;

/**
 * How long the platform's monotonic clock stood still, which it does on some while the machine sleeps: the wall's went on.
 * It is told by looking now and then; a clock of the wall that is set forward looks the same.
 */
export class Standstill {
  #aheadMs = wallAheadMs();
  #totalMs = 0;
  #newestAtMs = 0;

  /** To be called as something comes from the server. */
  look(): void {
    this.#note();
    if (performance.now() - this.#newestAtMs > SETTLED_MS) this.#totalMs = 0;
  }

  /** Milliseconds that the clock stood still and that have not been waited for, until now. */
  totalMs(): number {
    this.#note();
    return this.#totalMs;
  }

  reset(): void {
    this.#note();
    this.#totalMs = 0;
  }

  #note(): void {
    const aheadMs = wallAheadMs();
    const stoodMs = aheadMs - this.#aheadMs;
    this.#aheadMs = aheadMs;
    if (stoodMs < SHORTEST_MS) return;
    this.#totalMs += stoodMs;
    this.#newestAtMs = performance.now();
  }
}

function wallAheadMs(): number {
  return Date.now() - performance.now();
}
