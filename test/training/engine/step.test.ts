import { afterEach, describe, expect, it } from 'vitest';
import type { Graph } from '../../../models/graph/graph.ts';
import * as op from '../../../models/graph/ops/index.ts';
import { bias, declare, statistic, weight, type ParamStore } from '../../../models/graph/param.ts';
import { random } from '../../../models/random.ts';
import {
  compileStep,
  type Batch,
  type CompileOptions,
  type TrainingStep,
} from '../../../training/engine/compile-step.ts';
import { trainLoop, type LoopConfig, type LoopOptions } from '../../../training/engine/train-loop.ts';
import { floats } from '../../support/run-graph.ts';

const N = 6;

/** A small convolution, batch normalisation, dropout and a linear layer, fitted to a number. */
function objective(g: Graph) {
  const p = declare(
    g,
    {
      kernel: weight([3, 2, 3, 3], 0.3),
      norm: { gain: bias([3], 1), offset: bias([3]), mean: statistic([3], 0), variance: statistic([3], 1) },
      out: { w: weight([3, 1], 0.5), b: bias([1]) },
    },
    'net',
  );
  const x = op.conv2d(g, g.input('x', [N, 2, 4, 4]), { w: p.kernel }, { padding: 1 });
  const pooled = op.mean(g, op.relu(g, op.batchNorm(g, x, p.norm)), [2, 3]);
  const y = op.select(g, op.linear(g, op.dropout(g, pooled, 0.2), p.out), 1, 0);
  const loss = op.meanAll(g, op.square(g, op.sub(g, y, g.input('y', [N]))));
  return { loss, metrics: { size: op.meanAll(g, op.square(g, y)) } };
}

function batchOf(step: number): Batch {
  const draw = random('step test', step);
  const x = Float32Array.from({ length: N * 32 }, () => draw.normal());
  const y = Float32Array.from({ length: N }, (_, i) => 1 + (x[32 * i] ?? 0));
  return { x: floats(x, [N, 2, 4, 4]), y: floats(y, [N]) };
}

const CONFIG: LoopConfig = {
  schedule: { steps: 12, peak: 0.02, warmup: 2, floor: 0 },
  clipNorm: 1,
  averageDecay: 0.9,
  checkpointEvery: 100,
};

const opened: TrainingStep[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((step) => step.close()));
});
async function compiled(options: Partial<CompileOptions> = {}): Promise<TrainingStep> {
  const step = await compileStep(objective, { seed: 3, threads: 1, ...options });
  opened.push(step);
  return step;
}

/** Every step's loss, and the averaged parameters. */
async function trained(step: TrainingStep, options: Partial<LoopOptions> = {}) {
  const losses: number[] = [];
  const spied: TrainingStep = {
    ...step,
    run: async (batch, ...keys) => {
      const result = await step.run(batch, ...keys);
      losses.push(result.loss);
      return result;
    },
  };
  const average = await trainLoop({ step: spied, config: CONFIG, seed: 3, batch: batchOf, ...options });
  return { losses, average };
}

const copy = (store: ParamStore): ParamStore => new Map([...store].map(([name, data]) => [name, data.slice()]));

describe('a training step', () => {
  it('depends on parameters, batch and keys alone', async () => {
    const [a, b] = [await compiled(), await compiled({ threads: 2 })];
    const first = await a.run(batchOf(0), 3, 0);
    const kept = { loss: first.loss, gradients: copy(first.gradients), statistics: copy(first.statistics) };
    await a.run(batchOf(1), 3, 1);
    const again = await a.run(batchOf(0), 3, 0);
    expect({ loss: again.loss, gradients: again.gradients, statistics: again.statistics }).toEqual(kept);
    const other = await b.run(batchOf(0), 3, 0);
    expect(other.loss).toBe(kept.loss);
    expect((await a.run(batchOf(0), 3, 1)).loss).not.toBe(kept.loss);
  });

  it('drops other values in every place of the graph', async () => {
    const step = await compileStep(
      (g) => {
        const p = declare(g, { x: bias([64], 1) }, 'net');
        const [a, b] = [op.dropout(g, p.x, 0.5), op.dropout(g, p.x, 0.5)];
        return { loss: op.meanAll(g, op.square(g, op.sub(g, a, b))) };
      },
      { seed: 1, threads: 1 },
    );
    opened.push(step);
    // Of two independent masks of 0 and 2, half of the values differ.
    expect((await step.run({}, 1)).loss).toBeCloseTo(2, 0);
  });

  it('gives a gradient for every trainable parameter, filled in place', async () => {
    const step = await compiled();
    const first = (await step.run(batchOf(0), 0)).gradients;
    const second = (await step.run(batchOf(1), 0)).gradients;
    expect([...first.keys()].sort()).toEqual([...step.trainable].sort());
    expect(step.trainable).not.toContain('net.norm.mean');
    for (const [name, gradient] of first) expect(second.get(name)?.buffer, name).toBe(gradient.buffer);
  });

  it('changes no parameter, running statistics included, whether it runs both passes or the first', async () => {
    const step = await compiled();
    for (const [name, data] of step.params) data.set(data.map((value, i) => value + (name.length + i) / 100));
    const before = copy(step.params);
    await step.run(batchOf(0), 0);
    expect(step.params).toEqual(before);
    await step.statistics(batchOf(1), 0);
    expect(step.params).toEqual(before);
  });

  it('gives statistics of the batch that the running ones have no part in', async () => {
    const step = await compiled();
    const first = copy((await step.run(batchOf(0), 0)).statistics);
    step.params.get('net.norm.mean')?.fill(7);
    step.params.get('net.norm.variance')?.fill(5);
    const { loss, statistics } = await step.run(batchOf(0), 0);
    expect(statistics).toEqual(first);
    expect(loss).toBe((await (await compiled()).run(batchOf(0), 0)).loss);
  });

  it('descends along its gradient', async () => {
    const step = await compiled();
    const { loss, gradients } = await step.run(batchOf(0), 0);
    for (const [name, gradient] of gradients) {
      const param = step.params.get(name);
      for (const [i, slope] of gradient.entries()) if (param !== undefined) param[i] = (param[i] ?? 0) - 0.01 * slope;
    }
    expect((await step.run(batchOf(0), 0)).loss).toBeLessThan(loss);
  });

  it('gives the same batch statistics by the forward pass alone', async () => {
    const step = await compiled();
    const whole = copy((await step.run(batchOf(0), 0)).statistics);
    const forward = await step.statistics(batchOf(0), 0);
    expect([...forward.keys()]).toEqual(['net.norm.mean', 'net.norm.variance']);
    for (const [name, data] of forward)
      for (const [i, value] of data.entries()) expect(whole.get(name)?.[i]).toBeCloseTo(value, 5);
  });

  it('copies start values', async () => {
    const given = new Map([['net.out.b', Float32Array.of(0.5)]]);
    const step = await compiled({ params: given });
    expect(step.params.get('net.out.b')).toEqual(Float32Array.of(0.5));
    await trained(step);
    expect(given.get('net.out.b')).toEqual(Float32Array.of(0.5));
    expect(step.params.get('net.out.b')).not.toEqual(Float32Array.of(0.5));
  });

  it('refuses start values of another size', async () => {
    const params = new Map([['net.out.b', Float32Array.of(1, 2)]]);
    await expect(compiled({ params })).rejects.toThrow(expect.objectContaining({ code: 'graph_params' }));
  });

  it.each([
    ['a missing input', ({ x }: Batch) => ({ x })],
    ['another batch size', ({ x }: Batch) => ({ x, y: floats([1], [1]) })],
    ['another type', ({ x }: Batch) => ({ x, y: { type: 'int32', dims: [N], data: new Int32Array(N) } })],
  ])('refuses %s', async (_, change) => {
    const step = await compiled();
    const run = step.run(change(batchOf(0)) as Batch, 0);
    await expect(run).rejects.toThrow(expect.objectContaining({ code: 'training_batch' }));
    expect((await step.run(batchOf(0), 0)).loss).toBeGreaterThan(0);
  });
});

describe('the training loop', () => {
  it('gives the same losses and parameters twice, and other ones for another seed', async () => {
    const [first, second] = [await trained(await compiled()), await trained(await compiled())];
    expect(first.losses).toHaveLength(12);
    expect(second).toEqual(first);
    expect((await trained(await compiled(), { seed: 4 })).losses).not.toEqual(first.losses);
  });

  it('keeps running averages of the parameters, and the batch statistics of these averages', async () => {
    const step = await compiled();
    const wanted = new Map([...step.params].map(([name, data]) => [name, Array.from(data)]));
    const blend = (name: string, data: Float32Array, decay: number): void => {
      const past = wanted.get(name) ?? [];
      wanted.set(
        name,
        past.map((value, i) => decay * value + (1 - decay) * (data[i] ?? 0)),
      );
    };
    let done = 0;
    const decayAt = (at: number): number => Math.min(0.9, at / (at + 10));
    const spied: TrainingStep = {
      ...step,
      run: async (batch, ...keys) => {
        // What the step before left is the value that it put into the average.
        if (done > 0)
          for (const name of step.trainable) blend(name, step.params.get(name) ?? new Float32Array(), decayAt(done));
        const result = await step.run(batch, ...keys);
        done++;
        return result;
      },
    };
    const average = await trainLoop({ step: spied, config: CONFIG, seed: 3, batch: batchOf });
    for (const name of step.trainable) blend(name, step.params.get(name) ?? new Float32Array(), decayAt(done));
    const same = (name: string, values: readonly number[], digits: number): void => {
      for (const [i, value] of values.entries()) expect(average.get(name)?.[i], name).toBeCloseTo(value, digits);
    };
    for (const name of step.trainable) same(name, wanted.get(name) ?? [], 4);

    const averaged = await compiled({ params: average });
    const sums = new Map<string, number[]>();
    for (let at = 12; at < 76; at++)
      for (const [name, data] of await averaged.statistics(batchOf(at), 3, at))
        sums.set(
          name,
          [...data].map((value, i) => (sums.get(name)?.[i] ?? 0) + value / 64),
        );
    expect([...sums.keys()]).toEqual(['net.norm.mean', 'net.norm.variance']);
    for (const [name, values] of sums) same(name, values, 5);
  });

  it('clips: a bound far below the norm shortens the first step of plain momentum, and a far one changes nothing', async () => {
    const losses = async (clipNorm: number) =>
      (await trained(await compiled(), { config: { ...CONFIG, clipNorm, optimizer: { epsilon: 1 } } })).losses;
    const [none, far, near] = [await losses(Infinity), await losses(1e6), await losses(1e-6)];
    expect(far).toEqual(none);
    const frozen = await compiled({ seed: 3 });
    const untouched = (await frozen.run(batchOf(1), 3, 1)).loss;
    expect(near[1]).toBeCloseTo(untouched, 3);
    expect(Math.abs((none[1] ?? 0) - untouched)).toBeGreaterThan(Math.abs((near[1] ?? 0) - untouched));
  });

  it('ends with a clear error when the loss is not finite, and leaves the parameters of the step before', async () => {
    const step = await compiled();
    let before: ParamStore = new Map();
    const batch = (at: number): Batch => {
      if (at === 2) before = copy(step.params);
      return at < 2 ? batchOf(at) : { ...batchOf(at), y: floats(new Float32Array(N).fill(Infinity), [N]) };
    };
    await expect(trained(step, { batch })).rejects.toThrow(expect.objectContaining({ code: 'training_diverged' }));
    expect(step.params).toEqual(before);
  });
});
