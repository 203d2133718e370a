/** Less is the clock of the wall being set right, or a pause between its reading and that of the other. */
const SHORTEST_MS = 1000;

/**
 * How long the platform's monotonic clock stood still, which it does on some while the machine sleeps: the wall's went on.
 * It is told by looking now and then; a clock of the wall that is set forward looks the same.
 */
export class Standstill {
  #aheadMs = wallAheadMs();
  #totalMs = 0;

  look(): void {
    const aheadMs = wallAheadMs();
    const stoodMs = aheadMs - this.#aheadMs;
    if (stoodMs >= SHORTEST_MS) this.#totalMs += stoodMs;
    this.#aheadMs = aheadMs;
  }

  /** Milliseconds since the last `reset`, until now. */
  totalMs(): number {
    this.look();
    return this.#totalMs;
  }

  reset(): void {
    this.look();
    this.#totalMs = 0;
  }
}

function wallAheadMs(): number {
  return Date.now() - performance.now();
}
