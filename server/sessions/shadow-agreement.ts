import type { SentimentResult, ShadowAgreement } from '../../pipeline/protocol/index.ts';

/** What two results of one moment are compared by: everything observed, or the one modality that is virtual in both. */
export function shadowPattern(a: SentimentResult, b: SentimentResult): string | undefined {
  const sources = Object.keys(a.modalities).map((name) => {
    const [ours, theirs] = [a.modalities[name]?.source, b.modalities[name]?.source];
    return { name, ours: ours === 'mixed' ? 'observed' : ours, theirs: theirs === 'mixed' ? 'observed' : theirs };
  });
  if (a.score === null || b.score === null || sources.some(({ ours, theirs }) => ours !== theirs)) return undefined;
  const [virtual, another] = sources.filter(({ ours }) => ours !== 'observed');
  if (virtual === undefined) return 'observed';
  return another === undefined && virtual.ours === 'virtual' ? virtual.name : undefined;
}

/** Running agreement of two bundles: sums alone, however long a session is. */
export class AgreementSums {
  #n = 0;
  #same = 0;
  #difference = 0;
  #a = 0;
  #b = 0;
  #aa = 0;
  #bb = 0;
  #ab = 0;

  add(a: number, b: number, sameLabel: boolean): void {
    this.#n++;
    this.#same += Number(sameLabel);
    this.#difference += Math.abs(a - b);
    this.#a += a;
    this.#b += b;
    this.#aa += a * a;
    this.#bb += b * b;
    this.#ab += a * b;
  }

  summary(): ShadowAgreement {
    const n = this.#n;
    const spread = (n * this.#aa - this.#a ** 2) * (n * this.#bb - this.#b ** 2);
    const correlation = spread > 1e-12 ? (n * this.#ab - this.#a * this.#b) / Math.sqrt(spread) : null;
    return {
      results: n,
      same_label: round(this.#same / n),
      score_difference: round(this.#difference / n),
      correlation: correlation === null ? null : round(Math.max(-1, Math.min(1, correlation))),
    };
  }
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
