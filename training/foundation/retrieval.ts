import { dot, type EmbeddingPairs } from './pairs.ts';

export interface RetrievalFigures {
  readonly images: number;
  readonly captions: number;
  /** Share of captions whose nearest image is their own. */
  readonly captionToImage: number;
  /** Share of images whose nearest caption is one of their own. */
  readonly imageToCaption: number;
}

/** Retrieval among real embeddings, with nothing synthesised: what the foundation model itself can tell apart. */
export function retrieval({ images, captions }: EmbeddingPairs): RetrievalFigures {
  const queries = captions.flatMap((own, image) => own.map((caption) => ({ caption, image })));
  const found = queries.filter(({ caption, image }) => nearest(caption, images) === image).length;
  const all = queries.map(({ caption }) => caption);
  const hit = images.filter((embedding, i) => queries[nearest(embedding, all)]?.image === i).length;
  return {
    images: images.length,
    captions: queries.length,
    captionToImage: found / queries.length,
    imageToCaption: hit / images.length,
  };
}

/** Index of the candidate with the largest dot product; the first of equals. */
export function nearest(query: Float32Array, candidates: readonly Float32Array[]): number {
  let best = -1;
  let most = Number.NEGATIVE_INFINITY;
  for (const [i, candidate] of candidates.entries()) {
    const likeness = dot(query, candidate);
    if (likeness > most) [most, best] = [likeness, i];
  }
  return best;
}
