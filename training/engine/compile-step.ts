import { UndertoneError } from '../../models/errors.ts';
import { Graph, type Value } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { initParams, type ParamStore } from '../../models/graph/param.ts';
import { fixed, sizeOf } from '../../models/graph/shape.ts';
import { openSession, type OrtSession, type TensorData } from '../../models/runtime/session.ts';
import { gradients } from '../autodiff/gradients.ts';
import { checkBatch } from './check-batch.ts';
import { fillDropoutMask } from './dropout-mask.ts';

/** What a training graph computes: the loss, a scalar, and scalars to watch. */
export interface Objective {
  readonly loss: Value;
  readonly metrics?: Readonly<Record<string, Value>>;
}

/** Tensors by input name. */
export type Batch = Readonly<Record<string, TensorData>>;

export interface StepResult {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** By parameter name; valid until the next run. */
  readonly gradients: ParamStore;
  /** Batch statistics by the parameter that averages them. */
  readonly statistics: ParamStore;
}

export interface TrainingStep {
  readonly params: ParamStore;
  /** Names of the parameters that get a gradient. */
  readonly trainable: readonly string[];
  readonly decays: (name: string) => boolean;
  /**
   * Forward and backward on one batch; dropout masks depend on the keys alone.
   *
   * @throws UndertoneError `training_batch` when an input is missing or has another type or shape
   */
  run(batch: Batch, ...keys: readonly (string | number)[]): Promise<StepResult>;
  /** Whether anything is normalised by batch statistics. */
  readonly hasStatistics: boolean;
  /** Forward alone, for the batch statistics. */
  statistics(batch: Batch, ...keys: readonly (string | number)[]): Promise<ParamStore>;
  /** Milliseconds spent inside onnxruntime so far. */
  runtimeMs(): number;
  close(): Promise<void>;
}

export interface CompileOptions {
  /** Start values, copied; parameters that are not in it are drawn with the seed. */
  readonly params?: ParamStore;
  readonly seed: number;
  readonly threads?: number | undefined;
}

/**
 * Records an objective in a training graph, adds its reverse pass and opens both as one onnxruntime session.
 *
 * @throws UndertoneError `graph_shape`, `graph_gradient`; `graph_params` for a start value of another size
 */
export async function compileStep(objective: (g: Graph) => Objective, options: CompileOptions): Promise<TrainingStep> {
  const g = new Graph({ training: true });
  const { loss, metrics = {} } = objective(g);
  const params = startParams(g, options);
  const wanted = [...g.params].filter(([, { spec }]) => spec.trainable);
  const found = gradients(
    g,
    loss,
    wanted.map(([, { value }]) => value),
  );
  g.output('loss', loss);
  for (const [name, value] of Object.entries(metrics)) g.output(`metric_${name}`, value);
  for (const [name, value] of g.statistics) g.output(`statistic_${name}`, value);
  for (const [value, gradient] of found) g.output(`gradient_${value.name}`, gradient);

  const sessionOptions = { threads: options.threads ?? 2 };
  const statisticNames = [...g.statistics.keys()].map((name) => `statistic_${name}`);
  const session = await openSession(emitOnnx(g), sessionOptions);
  // Runs the nodes that the statistics need: one session runs all of its nodes whatever is fetched.
  let forward: OrtSession | undefined;
  const openForward = async (): Promise<OrtSession> =>
    (forward ??= await openSession(emitOnnx(g, { outputs: statisticNames }), sessionOptions));

  const paramFeeds = Object.fromEntries(
    [...params].flatMap(([name, param]) => {
      const dims = g.params.get(name)?.spec.shape;
      // The runtime writes a batch's statistics over the running ones that it was fed, whose values it does not use.
      const data = g.statistics.has(name) ? param.slice() : param;
      return dims === undefined ? [] : [[name, { type: 'float32', dims, data } satisfies TensorData] as const];
    }),
  );
  const masks = g.dropouts.map(({ value, rate }) => ({ name: value.name, rate, tensor: zeros(value) }));
  const maskFeeds = Object.fromEntries(masks.map(({ name, tensor }) => [name, tensor]));
  const outputNames = session.outputs.map((output) => output.name);
  const preallocated = Object.fromEntries(
    [...found].map(([value, gradient]) => [`gradient_${value.name}`, zeros(gradient)]),
  );
  let runtimeMs = 0;
  const runOn = async (
    on: OrtSession,
    batch: Batch,
    keys: readonly (string | number)[],
    ...fetches: [names: readonly string[], preallocated?: Readonly<Record<string, TensorData>>]
  ): Promise<Record<string, TensorData>> => {
    const feeds = { ...paramFeeds, ...maskFeeds, ...batch };
    checkBatch(
      g,
      on.inputs.map(({ name }) => name),
      feeds,
    );
    for (const { name, rate, tensor } of masks) fillDropoutMask(tensor.data, rate, [...keys, name]);
    const startMs = performance.now();
    const outputs = await on.run(feeds, ...fetches);
    runtimeMs += performance.now() - startMs;
    return outputs;
  };
  return {
    params,
    trainable: [...found.keys()].map((value) => value.name),
    decays: (name) => g.params.get(name)?.spec.decay ?? false,
    hasStatistics: statisticNames.length > 0,
    run: async (batch, ...keys) => {
      const outputs = await runOn(session, batch, keys, outputNames, preallocated);
      const metricValues = [...named(outputs, 'metric_')].map(([name, data]) => [name, Number(data[0])]);
      return {
        loss: Number(outputs['loss']?.data[0]),
        metrics: Object.fromEntries(metricValues) as Record<string, number>,
        gradients: named(outputs, 'gradient_'),
        statistics: named(outputs, 'statistic_'),
      };
    },
    statistics: async (batch, ...keys) =>
      statisticNames.length === 0
        ? new Map()
        : named(await runOn(await openForward(), batch, keys, statisticNames), 'statistic_'),
    runtimeMs: () => runtimeMs,
    close: async () => {
      await Promise.all([session.close(), forward?.close()]);
    },
  };
}

function startParams(g: Graph, { seed, params }: CompileOptions): ParamStore {
  const store = initParams(g, seed);
  for (const [name, drawn] of store) {
    const given = params?.get(name);
    if (given === undefined) continue;
    if (given.length !== drawn.length)
      throw new UndertoneError('graph_params', `parameter ${name} needs ${drawn.length} values, got ${given.length}`);
    drawn.set(given);
  }
  return store;
}

/** The outputs whose names start with a prefix, without it. */
function named(outputs: Readonly<Record<string, TensorData>>, prefix: string): ParamStore {
  const store: ParamStore = new Map();
  for (const [name, { data }] of Object.entries(outputs))
    if (name.startsWith(prefix)) store.set(name.slice(prefix.length), data as Float32Array);
  return store;
}

function zeros(value: Value): TensorData & { readonly data: Float32Array } {
  return { type: 'float32', dims: value.shape.map(fixed), data: new Float32Array(sizeOf(value.shape)) };
}
