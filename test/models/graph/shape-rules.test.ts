import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import * as op from '../../../models/graph/ops/index.ts';
import { bias, weight } from '../../../models/graph/param.ts';
import type { Shape } from '../../../models/graph/shape.ts';

const x = (g: Graph, ...shape: Shape): Value => g.input(`x${g.inputs.size}`, shape);
const norm = (g: Graph, size: number) => ({
  gain: x(g, size),
  offset: x(g, size),
  mean: x(g, size),
  variance: x(g, size),
});

const SHAPES: Record<string, [(g: Graph) => Value, Shape]> = {
  'add, broadcast both ways': [(g) => op.add(g, x(g, 2, 1, 4), x(g, 3, 1)), [2, 3, 4]],
  'add, symbolic with 1 and itself': [(g) => op.add(g, x(g, 'N', 1), x(g, 'N', 4)), ['N', 4]],
  'matMul, symbolic batch': [(g) => op.matMul(g, x(g, 'N', 5, 3), x(g, 3, 2)), ['N', 5, 2]],
  'matMul, batches broadcast': [(g) => op.matMul(g, x(g, 2, 1, 5, 3), x(g, 4, 3, 2)), [2, 4, 5, 2]],
  'conv2d, stride 2': [
    (g) => op.conv2d(g, x(g, 'N', 3, 7, 6), { w: x(g, 8, 3, 3, 3) }, { stride: 2, padding: 1 }),
    ['N', 8, 4, 3],
  ],
  'conv2d, patches': [
    (g) => op.conv2d(g, x(g, 1, 3, 8, 8), { w: x(g, 8, 3, 4, 4), b: x(g, 8) }, { stride: 4 }),
    [1, 8, 2, 2],
  ],
  embed: [(g) => op.embed(g, x(g, 10, 4), g.input('ids', ['N', 5], 'int64')), ['N', 5, 4]],
  positions: [(g) => op.positions(g, x(g, 'N', 'L')), ['N', 'L']],
  'reshape, symbolic stays': [(g) => op.reshape(g, x(g, 'N', 2, 6), ['N', 3, 4]), ['N', 3, 4]],
  'reshape, symbolic moves': [(g) => op.reshape(g, x(g, 'N', 2, 'L'), ['N', 'L', 2]), ['N', 'L', 2]],
  transpose: [(g) => op.transpose(g, x(g, 'N', 2, 3), [2, 0, 1]), [3, 'N', 2]],
  'concat, negative axis': [(g) => op.concat(g, [x(g, 'N', 2), x(g, 'N', 3)], -1), ['N', 5]],
  slice: [(g) => op.slice(g, x(g, 'N', 6), 1, 2, 5), ['N', 3]],
  select: [(g) => op.select(g, x(g, 'N', 6, 2), 1, 5), ['N', 2]],
  unsqueeze: [(g) => op.unsqueeze(g, x(g, 'N', 2)), ['N', 2, 1]],
  pad: [(g) => op.pad(g, x(g, 'N', 2), [0, 1], [0, 2]), ['N', 5]],
  'sum, kept': [(g) => op.sum(g, x(g, 'N', 2, 3), [-1], true), ['N', 2, 1]],
  'sum of no axes': [(g) => op.sum(g, x(g, 'N', 2), []), ['N', 2]],
  'mean, two axes': [(g) => op.mean(g, x(g, 'N', 2, 3), [1, 2]), ['N']],
  'mean of all': [(g) => op.meanAll(g, x(g, 2, 3)), []],
  'masked mean': [(g) => op.maskedMean(g, x(g, 'N', 5, 3), x(g, 'N', 5)), ['N', 3]],
  'layer norm': [(g) => op.layerNorm(g, x(g, 'N', 5, 3), x(g, 3), x(g, 3)), ['N', 5, 3]],
  'batch norm': [(g) => op.batchNorm(g, x(g, 'N', 4, 2, 2), norm(g, 4)), ['N', 4, 2, 2]],
};

const REFUSED: Record<string, (g: Graph) => unknown> = {
  'shapes that do not broadcast': (g) => op.add(g, x(g, 2, 3), x(g, 2)),
  'two symbols that may differ': (g) => op.add(g, x(g, 'N'), x(g, 'M')),
  'a symbol beside a number': (g) => op.add(g, x(g, 'N'), x(g, 3)),
  'inner sizes that differ': (g) => op.matMul(g, x(g, 2, 3), x(g, 4, 2)),
  'a vector in a matrix product': (g) => op.matMul(g, x(g, 3), x(g, 3, 2)),
  'a bias of another size': (g) => op.linear(g, x(g, 2, 3), { w: x(g, 3, 4), b: x(g, 1) }),
  'channels that differ': (g) => op.conv2d(g, x(g, 1, 3, 8, 8), { w: x(g, 8, 4, 3, 3) }),
  'a kernel larger than the image': (g) => op.conv2d(g, x(g, 1, 3, 2, 8), { w: x(g, 8, 3, 3, 3) }),
  'a kernel that is not square': (g) => op.conv2d(g, x(g, 1, 3, 8, 8), { w: x(g, 8, 3, 3, 1) }),
  'a bias of another number of channels': (g) => op.conv2d(g, x(g, 1, 3, 8, 8), { w: x(g, 8, 3, 1, 1), b: x(g, 3) }),
  'ids that are no int64': (g) => op.embed(g, x(g, 10, 4), x(g, 2)),
  'a table of rank 3': (g) => op.embed(g, x(g, 10, 4, 1), g.input('ids', [2], 'int64')),
  'another number of elements': (g) => op.reshape(g, x(g, 'N', 6), ['N', 5]),
  'a lost symbol': (g) => op.reshape(g, x(g, 'N', 6), [6]),
  'two symbols that move': (g) => op.reshape(g, x(g, 2, 'N', 'L'), ['N', 'L', 2]),
  'an order that is no permutation': (g) => op.transpose(g, x(g, 2, 3), [0, 0]),
  'parts that do not line up': (g) => op.concat(g, [x(g, 2, 3), x(g, 3, 3)], 1),
  'nothing to concatenate': (g) => op.concat(g, [], 0),
  'a slice beyond the end': (g) => op.slice(g, x(g, 2, 3), 1, 1, 4),
  'an empty slice': (g) => op.slice(g, x(g, 2, 3), 1, 1, 1),
  'a slice of a symbolic axis': (g) => op.slice(g, x(g, 'N', 3), 0, 0, 1),
  'padding of fewer axes': (g) => op.pad(g, x(g, 2, 3), [1], [1]),
  'negative padding': (g) => op.pad(g, x(g, 2, 3), [0, -1], [0, 0]),
  'expanding other than 1': (g) => op.expand(g, x(g, 2, 3), [4, 3]),
  'an axis that is not there': (g) => op.sum(g, x(g, 2, 3), [2]),
  'an axis twice': (g) => op.sum(g, x(g, 2, 3), [1, -1]),
  'a gain of another size': (g) => op.layerNorm(g, x(g, 2, 3), x(g, 2), x(g, 3)),
  'batch norm of a matrix': (g) => op.batchNorm(g, x(g, 2, 3), norm(g, 3)),
  'batch norm of other channels': (g) => op.batchNorm(g, x(g, 2, 3, 4, 4), norm(g, 4)),
  'a dropout rate of 1': (g) => op.dropout(g, x(g, 2), 1),
  'a name twice': (g) => [g.input('a', [1]), g.param('a', bias([1]))],
  'a name of the graph itself': (g) => g.input('v3', [1]),
  'a shared parameter in two shapes': (g) => [g.param('w', weight([2], 1)), g.param('w', weight([3], 1))],
  'a size of 0': (g) => g.input('a', [0, 2]),
  'a constant of another size': (g) => g.constant(Float32Array.of(1, 2), [3]),
};

describe('shape rules', () => {
  it.each(Object.entries(SHAPES))('%s', (_, [build, shape]) => {
    expect(build(new Graph()).shape).toEqual(shape);
  });

  it.each(Object.entries(REFUSED))('refuse %s', (_, build) => {
    expect(() => build(new Graph({ training: true }))).toThrow(expect.objectContaining({ code: 'graph_shape' }));
  });
});
