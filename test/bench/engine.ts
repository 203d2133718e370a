import { linearParams, transformer, transformerParams } from '../../models/encoders/layers.ts';
import type { Graph } from '../../models/graph/graph.ts';
import { add, gelu, linear, mean, meanAll, square, sub } from '../../models/graph/ops/index.ts';
import { declare, weight } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import { ADAMW, adamWState, adamWStep, globalNorm } from '../../training/engine/adamw.ts';
import { compileStep, type Batch, type Objective } from '../../training/engine/compile-step.ts';
import { median } from './numbers.ts';

export interface TrainingBenchOptions {
  readonly threads?: number;
  /** Measuring time of one round of one model, and rounds; the medians count. */
  readonly measureMs?: number;
  readonly rounds?: number;
}

export interface TrainingMeasure {
  readonly parameters: number;
  readonly batch: number;
  readonly stepsPerSecond: number;
  readonly samplesPerSecond: number;
  /** Share of the time that onnxruntime computes; the rest is the optimiser and the feeding. */
  readonly inRuntime: number;
}

export interface TrainingBench {
  readonly threads: number;
  readonly models: Readonly<Record<string, TrainingMeasure>>;
}

interface BenchModel {
  readonly batch: number;
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly objective: (g: Graph) => Objective;
}

/** Training steps, optimiser included, of a multi-layer perceptron and of a small transformer. */
export async function measureTraining(options: TrainingBenchOptions = {}): Promise<TrainingBench> {
  const { threads = 2, measureMs = 1000, rounds = 3 } = options;
  const models: Record<string, TrainingMeasure> = {};
  for (const [name, model] of Object.entries({ mlp: perceptron(128), transformer: smallTransformer(32) }))
    models[name] = await measureModel(model, threads, measureMs, rounds);
  return { threads, models };
}

async function measureModel(
  model: BenchModel,
  threads: number,
  measureMs: number,
  rounds: number,
): Promise<TrainingMeasure> {
  const step = await compileStep(model.objective, { seed: 1, threads });
  try {
    const optimizer = adamWState(step.params, step.trainable);
    const batch = randomBatch(model.inputs);
    let count = 0;
    const once = async (): Promise<void> => {
      const { gradients } = await step.run(batch, count++);
      const gradientScale = Math.min(1, 1 / globalNorm(gradients));
      adamWStep(step.params, gradients, optimizer, ADAMW, { learningRate: 1e-4, gradientScale, decays: step.decays });
    };
    await once();
    const rates: number[] = [];
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startMs = performance.now();
      const startRuntimeMs = step.runtimeMs();
      let steps = 0;
      do {
        await once();
        steps++;
      } while (performance.now() - startMs < measureMs);
      const tookMs = performance.now() - startMs;
      rates.push((1000 * steps) / tookMs);
      shares.push((step.runtimeMs() - startRuntimeMs) / tookMs);
    }
    const stepsPerSecond = median(rates);
    return {
      parameters: [...step.params.values()].reduce((sum, { length }) => sum + length, 0),
      batch: model.batch,
      stepsPerSecond,
      samplesPerSecond: stepsPerSecond * model.batch,
      inRuntime: median(shares),
    };
  } finally {
    await step.close();
  }
}

/** 512 - 1024 - 1024 - 512. */
function perceptron(batch: number): BenchModel {
  return {
    batch,
    inputs: { x: [batch, 512], y: [batch, 512] },
    objective: (g) => {
      const p = declare(
        g,
        { up: linearParams(512, 1024), middle: linearParams(1024, 1024), down: linearParams(1024, 512) },
        'net',
      );
      const hidden = gelu(g, linear(g, gelu(g, linear(g, g.input('x', [batch, 512]), p.up)), p.middle));
      return { loss: meanAll(g, square(g, sub(g, linear(g, hidden, p.down), g.input('y', [batch, 512])))) };
    },
  };
}

/** Six blocks of width 192 over 64 tokens, as in a small vision transformer. */
function smallTransformer(batch: number): BenchModel {
  const [tokens, width] = [64, 192];
  return {
    batch,
    inputs: { x: [batch, tokens, width], y: [batch, width] },
    objective: (g) => {
      const blocks = Array.from({ length: 6 }, () => transformerParams(width, 4 * width));
      const p = declare(g, { places: weight([tokens, width], 0.02), blocks }, 'net');
      let x = add(g, g.input('x', [batch, tokens, width]), p.places);
      for (const block of p.blocks) x = transformer(g, x, block, { heads: 6 });
      return { loss: meanAll(g, square(g, sub(g, mean(g, x, [1]), g.input('y', [batch, width])))) };
    },
  };
}

function randomBatch(inputs: BenchModel['inputs']): Batch {
  const draw = random('training bench');
  return Object.fromEntries(
    Object.entries(inputs).map(([name, dims]) => {
      const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => draw.normal());
      return [name, { type: 'float32', dims, data }] as const;
    }),
  );
}
