import { describe, expect, it } from 'vitest';
import { retrieval, retrievalRecord } from '../../../training/sweep/retrieval.ts';

const axes = (n: number): Float32Array => Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

describe('retrieval', () => {
  it('is perfect of what is its own partner', () => {
    expect(retrieval(axes(20), axes(20), 20)).toEqual({ n: 20, cosine: 1, r1: 1, r10: 1 });
  });

  it('is chance of queries that are all alike', () => {
    const same = Float32Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    const { r1, r10 } = retrieval(same, same, 2);
    expect(r1).toBeCloseTo(1 / 20, 6);
    expect(r10).toBeCloseTo(10 / 20, 6);
  });

  it('counts the nearer ones', () => {
    // The query of row 0 is nearest to row 1.
    const queries = Float32Array.of(0, 1, 0, 1);
    const { r1, r10, cosine } = retrieval(queries, Float32Array.of(1, 0, 0, 1), 2);
    expect({ r1, r10, cosine }).toEqual({ r1: 0.5, r10: 1, cosine: 0.5 });
  });

  it('is printed beside chance and the raw embeddings', () => {
    const one = retrieval(axes(20), axes(20), 20);
    expect(retrievalRecord('virtual_text', one, { n: 20, cosine: 0.125, r1: 0.25, r10: 0.5 })).toEqual({
      virtual_text_n: 20,
      virtual_text_cosine: 1,
      virtual_text_r1: 1,
      virtual_text_r10: 1,
      virtual_text_raw_cosine: 0.125,
      virtual_text_raw_r1: 0.25,
      virtual_text_raw_r10: 0.5,
      virtual_text_chance_r1: 0.05,
      virtual_text_chance_r10: 0.5,
    });
  });
});
