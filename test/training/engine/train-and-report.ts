import { writeSync } from 'node:fs';
import { gelu, linear, dropout, meanAll, relu, reshape, square, sub } from '../../../models/graph/ops/index.ts';
import { bias, declare, weight } from '../../../models/graph/param.ts';
import { random } from '../../../models/random.ts';
import { compileStep } from '../../../training/engine/compile-step.ts';
import { trainLoop } from '../../../training/engine/train-loop.ts';

/** Steps of the run that the test kills. */
export const STEPS = 24;

const BATCH = 8;
const WIDTH = 96;

/** Trains a small network with dropout, a checkpoint after every step, and reports every step's exact loss. */
export async function trainAndReport(path: string, report: (line: string) => void): Promise<void> {
  const step = await compileStep(
    (g) => {
      const x = g.input('x', [BATCH, 6]);
      const p = declare(
        g,
        {
          up: { w: weight([6, WIDTH], 0.4), b: bias([WIDTH]) },
          middle: { w: weight([WIDTH, WIDTH], 0.1), b: bias([WIDTH]) },
          down: { w: weight([WIDTH, 1], 0.1), b: bias([1]) },
        },
        'net',
      );
      const hidden = dropout(g, gelu(g, linear(g, x, p.up)), 0.1);
      const y = linear(g, relu(g, linear(g, hidden, p.middle)), p.down);
      return { loss: meanAll(g, square(g, sub(g, reshape(g, y, [BATCH]), g.input('y', [BATCH])))) };
    },
    { seed: 5, threads: 1 },
  );
  try {
    await trainLoop({
      step: {
        ...step,
        run: async (batch, ...keys) => {
          const result = await step.run(batch, ...keys);
          report(`${keys.at(-1)} ${result.loss}`);
          return result;
        },
      },
      config: {
        schedule: { steps: STEPS, peak: 1e-2, warmup: 4, floor: 0 },
        clipNorm: 1,
        averageDecay: 0.9,
        checkpointEvery: 1,
      },
      seed: 5,
      batch: (at) => {
        const draw = random('batch', at);
        const x = Float32Array.from({ length: BATCH * 6 }, () => draw.normal());
        const y = Float32Array.from({ length: BATCH }, (_, i) => Math.sin(x[6 * i] ?? 0) + (x[6 * i + 1] ?? 0));
        return {
          x: { type: 'float32', dims: [BATCH, 6], data: x },
          y: { type: 'float32', dims: [BATCH], data: y },
        };
      },
      checkpoint: { path, fingerprint: 'kill test' },
    });
  } finally {
    await step.close();
  }
}

/** As a program: trains at a path, and kills itself once it has reported so many steps and its event loop has turned so often. */
const [, script, path, reports, turns] = process.argv;
if (script === import.meta.filename && path !== undefined) {
  let left = Number(reports);
  await trainAndReport(path, (line) => {
    writeSync(1, `${line}\n`);
    if (--left === 0) killAfter(Number(turns));
  });
}

function killAfter(turnsLeft: number): void {
  if (turnsLeft === 0) process.kill(process.pid, 'SIGKILL');
  else setImmediate(killAfter, turnsLeft - 1);
}
