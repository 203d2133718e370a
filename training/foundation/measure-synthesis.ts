import { dot } from './pairs.ts';

/** How near synthesised embeddings come to the real ones, and whether each is told from the others. Always both. */
export interface SynthesisQuality {
  /** Mean cosine of a virtual embedding with the real ones of its own pair. */
  readonly cosine: number;
  /** Share of virtual embeddings whose nearest candidate is of their own pair; a head that averages has chance. */
  readonly recallAt1: number;
  readonly candidates: number;
}

/**
 * Text-2-Visual: every caption's virtual image [pairs][captions] against the real images of all pairs.
 */
export function measureVisual(
  virtual: readonly (readonly Float32Array[])[],
  images: readonly Float32Array[],
): SynthesisQuality {
  const queries = virtual.flatMap((own, pair) => own.map((query) => ({ query, pair })));
  return measure(queries, images);
}

/**
 * Visual-2-Text: every image's virtual text against the captions of all pairs, one of each at a time, averaged over which
 * one; pairs with fewer captions repeat theirs.
 */
export function measureText(
  virtual: readonly Float32Array[],
  captions: readonly (readonly Float32Array[])[],
): SynthesisQuality {
  const most = Math.max(...captions.map(({ length }) => length));
  const rounds = Array.from({ length: most }, (_, k) => {
    const candidates = captions.map((own) => own[k % own.length] as Float32Array);
    return measure(
      virtual.map((query, pair) => ({ query, pair })),
      candidates,
    );
  });
  const mean = (pick: (round: SynthesisQuality) => number): number =>
    rounds.reduce((sum, round) => sum + pick(round), 0) / rounds.length;
  return { cosine: mean((r) => r.cosine), recallAt1: mean((r) => r.recallAt1), candidates: captions.length };
}

function measure(
  queries: readonly { readonly query: Float32Array; readonly pair: number }[],
  candidates: readonly Float32Array[],
): SynthesisQuality {
  let cosine = 0;
  let hits = 0;
  for (const { query, pair } of queries) {
    const similarities = candidates.map((candidate) => dot(query, candidate));
    const own = similarities[pair] as number;
    cosine += own;
    if (similarities.every((other, i) => i === pair || other < own)) hits++;
  }
  return { cosine: cosine / queries.length, recallAt1: hits / queries.length, candidates: candidates.length };
}
