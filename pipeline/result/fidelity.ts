/** Weight of a new measurement in the running agreement. */
const WEIGHT = 0.2;

/** Per modality the running agreement of what the heads synthesise with what was observed, [-1, 1]. */
export class Fidelity {
  readonly #agreements = new Map<string, number>();

  /** Null until measured. */
  of(modality: string): number | null {
    return this.#agreements.get(modality) ?? null;
  }

  /** Takes in the cosines of one window by modality name, but those that are not finite: such a synthesis says nothing. */
  add(cosines: Readonly<Record<string, number>>): void {
    for (const [name, cosine] of Object.entries(cosines)) {
      if (!Number.isFinite(cosine)) continue;
      const before = this.#agreements.get(name);
      this.#agreements.set(name, before === undefined ? cosine : before + WEIGHT * (cosine - before));
    }
  }
}
