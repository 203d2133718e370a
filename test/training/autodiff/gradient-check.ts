import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import { mul, sum } from '../../../models/graph/ops/index.ts';
import { sizeOf } from '../../../models/graph/shape.ts';
import { random } from '../../../models/random.ts';
import { openSession, type TensorData } from '../../../models/runtime/session.ts';
import { gradients } from '../../../training/autodiff/gradients.ts';
import { toDouble } from './to-double.ts';

export interface GradientCase {
  /** Shapes of the inputs to differentiate. */
  readonly inputs: readonly (readonly number[])[];
  readonly build: (g: Graph, inputs: readonly Value[]) => Value;
  /** Range of the random inputs; the default is [-1.5, 1.5]. */
  readonly low?: number;
  readonly high?: number;
}

/** Numbers that a graph computes with, and the step of the difference that is most exact with them. */
const STEPS = { float32: 1e-2, float64: 2e-3 } as const;
export type Precision = keyof typeof STEPS;

/**
 * Largest difference between the recorded gradient and a finite difference of the graph, relative to the largest
 * gradient. The loss is the output weighted by random numbers, so that no error cancels.
 *
 * A fourth-order difference with a sum in float64 keeps its error near 1e-4 where the graph computes in float32, and near
 * 1e-9 in float64, which onnxruntime has not for every operator.
 */
export async function gradientError(
  { inputs, build, low = -1.5, high = 1.5 }: GradientCase,
  precision: Precision = 'float32',
): Promise<number> {
  const step = STEPS[precision];
  const draw = random('gradient', build.toString());
  const values = inputs.map((shape) =>
    Float64Array.from({ length: sizeOf(shape) }, () => low + (high - low) * draw.uniform()),
  );
  const g = new Graph({ training: true });
  const given = inputs.map((shape, i) => g.input(`x${i}`, shape));
  const y = build(g, given);
  const weights = Float64Array.from({ length: sizeOf(y.shape) }, () => draw.normal());
  const weight = g.input('weights', y.shape);
  const loss = sum(
    g,
    mul(g, y, weight),
    y.shape.map((_, i) => i),
  );
  const found = gradients(g, loss, given);
  g.output('y', y);
  for (const [value, gradient] of found) g.output(`d_${value.name}`, gradient);
  const model = emitOnnx(g);
  const session = await openSession(precision === 'float64' ? toDouble(model) : model, { threads: 1 });
  const feeds = (): Record<string, TensorData> =>
    Object.fromEntries([
      ...given.map((value, i) => [value.name, tensor(values[i] ?? new Float64Array(), value, precision)] as const),
      ['weights', tensor(weights, weight, precision)] as const,
    ]);
  const lossAt = async (): Promise<number> => {
    const { y: output } = await session.run(feeds(), ['y']);
    return weights.reduce((total, w, i) => total + w * Number(output?.data[i]), 0);
  };
  const analytic = await session.run(feeds());
  let worst = 0;
  let largest = 1e-3;
  for (const [i, value] of given.entries()) {
    const data = values[i] ?? new Float64Array();
    const gradient = analytic[`d_${value.name}`]?.data;
    for (let at = 0; at < data.length; at++) {
      const centre = data[at] ?? 0;
      const shifted = async (offset: number): Promise<number> => {
        data[at] = centre + offset;
        return lossAt();
      };
      const [f2, f1, b1, b2] = [
        await shifted(2 * step),
        await shifted(step),
        await shifted(-step),
        await shifted(-2 * step),
      ];
      data[at] = centre;
      const numeric = (8 * (f1 - b1) - (f2 - b2)) / (12 * step);
      worst = Math.max(worst, Math.abs(numeric - Number(gradient?.[at] ?? Number.NaN)));
      largest = Math.max(largest, Math.abs(numeric));
    }
  }
  await session.close();
  return worst / largest;
}

function tensor(data: Float64Array, value: Value, precision: Precision): TensorData {
  const dims = value.shape.map(Number);
  return precision === 'float64'
    ? { type: 'float64', dims, data }
    : { type: 'float32', dims, data: Float32Array.from(data) };
}
