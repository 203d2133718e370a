import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../../models/graph/graph.ts';
import { dropout, gelu, linear, log, meanAll, select, square, sub } from '../../../models/graph/ops/index.ts';
import { bias, declare, weight, type ParamStore } from '../../../models/graph/param.ts';
import { random } from '../../../models/random.ts';
import { compileStep, type Batch, type CompileOptions } from '../../../training/engine/compile-step.ts';
import { trainLoop, type LoopConfig, type LoopOptions } from '../../../training/engine/train-loop.ts';
import { floats } from '../../support/run-graph.ts';

const BATCH = 16;

function prediction(g: Graph): Value {
  const p = declare(
    g,
    {
      up: { w: weight([2, 24], 0.7), b: bias([24]) },
      down: { w: weight([24, 1], 0.2), b: bias([1]) },
    },
    'net',
  );
  const hidden = dropout(g, gelu(g, linear(g, g.input('x', [BATCH, 2]), p.up)), 0.05);
  return select(g, linear(g, hidden, p.down), 1, 0);
}

const squared = (g: Graph): { loss: Value } => ({
  loss: meanAll(g, square(g, sub(g, prediction(g), g.input('y', [BATCH])))),
});
const invalid = (g: Graph): { loss: Value } => ({
  loss: meanAll(g, sub(g, log(g, prediction(g)), g.input('y', [BATCH]))),
});

function batch(step: number): Batch {
  const draw = random('loop test', step);
  const x = Array.from({ length: 2 * BATCH }, () => draw.normal());
  const y = Array.from({ length: BATCH }, (_, i) => Math.tanh((x[2 * i] ?? 0) - (x[2 * i + 1] ?? 0)));
  return { x: floats(x, [BATCH, 2]), y: floats(y, [BATCH]) };
}

interface Run {
  readonly losses: number[];
  readonly average: ParamStore;
  readonly params: ParamStore;
}

async function train(
  steps: number,
  options: Partial<LoopOptions> = {},
  compile: Partial<CompileOptions> = {},
  objective = squared,
): Promise<Run> {
  const step = await compileStep(objective, { seed: 3, threads: 1, ...compile });
  const losses: number[] = [];
  try {
    const average = await trainLoop({
      step: {
        ...step,
        run: async (...given) => {
          const result = await step.run(...given);
          losses.push(result.loss);
          return result;
        },
      },
      config: {
        schedule: { steps, peak: 2e-2, warmup: 5, floor: 0.05 },
        clipNorm: 1,
        averageDecay: 0.9,
        checkpointEvery: 10,
      },
      seed: 3,
      batch,
      ...options,
    });
    return { losses, average, params: step.params };
  } finally {
    await step.close();
  }
}

const DECAYING: LoopConfig = {
  schedule: { steps: 1, peak: 2e-2, warmup: 5, floor: 0 },
  optimizer: { weightDecay: 10 },
  clipNorm: 1e9,
  averageDecay: 0.9,
  checkpointEvery: 10,
};

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-loop-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('training', () => {
  it('learns, and repeats itself bit for bit', async () => {
    const first = await train(150);
    expect(meanOf(first.losses.slice(-20))).toBeLessThan(0.2 * meanOf(first.losses.slice(0, 5)));
    expect(await train(150)).toEqual(first);
  });

  it('steps by the learning rate of the step, and lets weights alone decay', async () => {
    const [start, { params }] = [await train(0), await train(1, { config: DECAYING })];
    // The first step of Adam is the learning rate along every gradient: a fifth of the peak.
    const rate = 4e-3;
    for (const [name, data] of params) {
      const kept = name.endsWith('.w') ? 1 - rate * 10 : 1;
      for (const [i, value] of data.entries())
        expect(Math.abs(value - (start.params.get(name)?.[i] ?? 0) * kept), `${name} ${i}`).toBeCloseTo(rate, 4);
    }
    const biased = new Map([...start.params].map(([name, data]) => [name, data.map((value) => value + 1)]));
    const moved = (await train(1, { config: DECAYING }, { params: biased })).params.get('net.down.b')?.[0] ?? 0;
    expect(Math.abs(moved - 1)).toBeCloseTo(rate, 4);
  });

  it('goes on after an abort as if nothing had happened', async () => {
    const whole = await train(40);
    const checkpoint = { path: join(folder, 'aborted'), fingerprint: 'x' };
    const abort = new AbortController();
    const seen: number[] = [];
    const aborted = train(40, {
      checkpoint,
      signal: abort.signal,
      onProgress: ({ step }) => {
        seen.push(step);
        if (step === 17) abort.abort(new Error('enough'));
      },
    });
    await expect(aborted).rejects.toThrow('enough');
    expect(seen.at(-1)).toBe(17);
    const rest = await train(40, { checkpoint });
    expect(rest.losses).toEqual(whole.losses.slice(17));
    expect(rest.average).toEqual(whole.average);
    expect((await train(40, { checkpoint })).losses).toEqual([]);
  });

  it('stops at a loss that is no number before it steps', async () => {
    const steps: number[] = [];
    const diverging = train(10, { onProgress: ({ step }) => steps.push(step) }, {}, invalid);
    await expect(diverging).rejects.toMatchObject({ code: 'training_diverged' });
    expect(steps).toEqual([]);
  });

  it('refuses a batch of another shape', async () => {
    const wrong = train(5, { batch: () => ({ ...batch(0), y: floats([1], [1]) }) });
    await expect(wrong).rejects.toMatchObject({ code: 'training_batch' });
    const missing = train(5, { batch: () => ({ x: floats(new Float32Array(2 * BATCH), [BATCH, 2]) }) });
    await expect(missing).rejects.toMatchObject({ code: 'training_batch' });
  });
});
