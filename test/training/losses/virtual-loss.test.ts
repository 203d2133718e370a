import { expect, it } from 'vitest';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import { virtualLoss } from '../../../training/losses/virtual-loss.ts';
import { outputsOf } from '../../support/run-graph.ts';

it('adds the distance to the real embeddings, times its weight', async () => {
  const lossAt = async (pull: number): Promise<number> => {
    const g = new Graph({ training: true });
    const [virtual, observed] = [
      [1, 0, 0, 1],
      [0.6, 0.8, 0, 1],
    ].map((rows) => g.constant(Float32Array.from(rows), [2, 2])) as [Value, Value];
    const valid = g.constant(Float32Array.of(1, 1), [2]);
    const { loss } = await outputsOf(g, {
      loss: virtualLoss(g, virtual, observed, valid, { tau: 1, symmetric: true, pull }),
    });
    return loss?.[0] ?? Number.NaN;
  };
  // The cosines are 0.6 and 1.
  expect((await lossAt(3)) - (await lossAt(0))).toBeCloseTo(3 * 0.2, 5);
});
