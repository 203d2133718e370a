import type { StoredWeights } from '../../../models/graph/onnx/stored-param.ts';
import { Graph, type Value } from '../../../models/graph/graph.ts';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { initParams, type ParamStore } from '../../../models/graph/param.ts';
import { add, meanAll, square } from '../../../models/graph/ops/index.ts';
import type { Dim } from '../../../models/graph/shape.ts';
import { openSession, type OrtSession, type TensorData } from '../../../models/runtime/session.ts';
import { gradients } from '../../../training/autodiff/gradients.ts';

export interface ParityCase {
  /** Declares the inputs with this batch size and applies the component; without dropout, which only trains. */
  readonly build: (g: Graph, batch: Dim) => Readonly<Record<string, Value>>;
  readonly batch: number;
  readonly feeds: Readonly<Record<string, TensorData>>;
  readonly weights?: StoredWeights;
}

export interface Parity {
  /** Largest difference of any output between the training graph and the exported model. */
  readonly error: number;
  /** Largest difference of the exported model between a batch of one and the same row of the whole batch. */
  readonly rowError: number;
}

/**
 * Compares a component's training graph, gradients included, with its exported model on the same parameters and input.
 *
 * The running statistics are set to the batch's first, since training normalises by these.
 */
export async function parityOf({ build, batch, feeds, weights = 'float32' }: ParityCase): Promise<Parity> {
  const training = new Graph({ training: true });
  const outputs = build(training, batch);
  const params = initParams(training, 11);
  for (const [name, value] of Object.entries(outputs)) training.output(name, value);
  for (const [name, value] of training.statistics) training.output(`statistic_${name}`, value);
  const loss = Object.values(outputs)
    .map((value) => meanAll(training, square(training, value)))
    .reduce((a, b) => add(training, a, b));
  const wanted = [...training.params.values()].filter(({ spec }) => spec.trainable).map(({ value }) => value);
  for (const [value, gradient] of gradients(training, loss, wanted)) training.output(`d_${value.name}`, gradient);
  const trained = await runOnce(await openSession(emitOnnx(training), { threads: 1 }), {
    ...feeds,
    ...paramFeeds(training, params),
  });
  for (const name of training.statistics.keys())
    params.get(name)?.set(trained[`statistic_${name}`]?.data as Float32Array);

  const inference = new Graph();
  for (const [name, value] of Object.entries(build(inference, 'N'))) inference.output(name, value);
  const exported = emitOnnx(inference, { params, weights });
  const whole = await runOnce(await openSession(exported, { threads: 1 }), feeds);
  const one = await runOnce(await openSession(exported, { threads: 1 }), firstRows(feeds));
  const names = Object.keys(outputs);
  return {
    error: Math.max(...names.map((name) => difference(whole[name], trained[name]))),
    rowError: Math.max(...names.map((name) => difference(one[name], whole[name]))),
  };
}

async function runOnce(
  session: OrtSession,
  feeds: Readonly<Record<string, TensorData>>,
): Promise<Record<string, TensorData>> {
  try {
    return await session.run(
      Object.fromEntries(
        session.inputs.flatMap(({ name }) => (feeds[name] === undefined ? [] : [[name, feeds[name]]])),
      ),
    );
  } finally {
    await session.close();
  }
}

function paramFeeds(g: Graph, params: ParamStore): Record<string, TensorData> {
  return Object.fromEntries(
    [...params].map(([name, data]) => {
      const dims = g.params.get(name)?.spec.shape ?? [];
      return [name, { type: 'float32', dims, data }] as const;
    }),
  );
}

function firstRows(feeds: Readonly<Record<string, TensorData>>): Record<string, TensorData> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, dims, data }]) => {
      const [rows = 1, ...rest] = dims;
      return [name, { type, dims: [1, ...rest], data: data.slice(0, data.length / rows) }] as const;
    }),
  );
}

/** Over the elements that both have. */
function difference(a: TensorData | undefined, b: TensorData | undefined): number {
  if (a === undefined || b === undefined) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < Math.min(a.data.length, b.data.length); i++)
    largest = Math.max(largest, Math.abs(Number(a.data[i]) - Number(b.data[i])));
  return largest;
}
