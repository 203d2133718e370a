import { Graph, type Value } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { initParams, type ParamStore } from '../../models/graph/param.ts';
import { fixed, sizeOf } from '../../models/graph/shape.ts';
import { random } from '../../models/random.ts';
import { openSession, type TensorData } from '../../models/runtime/session.ts';
import { gradients } from '../autodiff/gradients.ts';

/** What a training graph computes: the loss, a scalar, and scalars to watch. */
export interface Objective {
  readonly loss: Value;
  readonly metrics?: Readonly<Record<string, Value>>;
}

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
  /** Forward and backward on one batch; dropout masks depend on the keys alone. */
  run(batch: Readonly<Record<string, TensorData>>, ...keys: readonly (string | number)[]): Promise<StepResult>;
  /** Forward alone, for the batch statistics. */
  statistics(batch: Readonly<Record<string, TensorData>>, ...keys: readonly (string | number)[]): Promise<ParamStore>;
  close(): Promise<void>;
}

export interface CompileOptions {
  /** Start values; parameters that are not in it are drawn with the seed. */
  readonly params?: ParamStore;
  readonly seed: number;
  readonly threads?: number;
  /** Restricts training to some parameters; the others are fed as they are. */
  readonly train?: (name: string) => boolean;
}

/** Records an objective in a training graph, adds its reverse pass and opens both as one onnxruntime session. */
export async function compileStep(objective: (g: Graph) => Objective, options: CompileOptions): Promise<TrainingStep> {
  const g = new Graph({ training: true });
  const { loss, metrics = {} } = objective(g);
  const params: ParamStore = new Map([...initParams(g, options.seed), ...withinGraph(g, options.params)]);
  const wanted = [...g.params].filter(([name, { spec }]) => spec.trainable && (options.train?.(name) ?? true));
  const found = gradients(
    g,
    loss,
    wanted.map(([, { value }]) => value),
  );
  g.output('loss', loss);
  for (const [name, value] of Object.entries(metrics)) g.output(`metric_${name}`, value);
  for (const [name, value] of g.statistics) g.output(`statistic_${name}`, value);
  for (const [value, gradient] of found) g.output(`gradient_${value.name}`, gradient);
  const session = await openSession(emitOnnx(g), { threads: options.threads ?? 2 });
  const used = new Set(session.inputs.map((input) => input.name));
  const fixedFeeds: Record<string, TensorData> = {};
  for (const [name, { value }] of g.params) {
    const data = params.get(name);
    if (data !== undefined && used.has(name))
      fixedFeeds[name] = { type: 'float32', dims: value.shape.map(fixed), data };
  }
  const masks = g.dropouts.map(({ value, rate }) => ({ name: value.name, rate, tensor: zeros(value) }));
  const preallocated = Object.fromEntries(
    [...found].map(([value, gradient]) => [`gradient_${value.name}`, zeros(gradient)]),
  );
  const trainable = [...found.keys()].map((value) => value.name);
  const feeds = (batch: Readonly<Record<string, TensorData>>, keys: readonly (string | number)[]) => {
    for (const { name, rate, tensor } of masks) fillMask(tensor.data, rate, [...keys, name]);
    return { ...fixedFeeds, ...Object.fromEntries(masks.map((mask) => [mask.name, mask.tensor])), ...batch };
  };
  const named = (outputs: Readonly<Record<string, TensorData>>, prefix: string): ParamStore =>
    new Map(
      Object.entries(outputs).flatMap(([name, tensor]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), tensor.data as Float32Array] as const] : [],
      ),
    );
  const outputNames = session.outputs.map((output) => output.name);
  return {
    params,
    trainable,
    decays: (name) => g.params.get(name)?.spec.decay ?? false,
    run: async (batch, ...keys) => {
      const outputs = await session.run(feeds(batch, keys), outputNames, preallocated);
      return {
        loss: Number(outputs['loss']?.data[0]),
        metrics: Object.fromEntries([...named(outputs, 'metric_')].map(([name, data]) => [name, Number(data[0])])),
        gradients: named(outputs, 'gradient_'),
        statistics: named(outputs, 'statistic_'),
      };
    },
    statistics: async (batch, ...keys) =>
      named(
        await session.run(
          feeds(batch, keys),
          outputNames.filter((name) => name.startsWith('statistic_')),
        ),
        'statistic_',
      ),
    close: () => session.close(),
  };
}

function withinGraph(g: Graph, params: ParamStore | undefined): [string, Float32Array][] {
  return [...(params ?? [])].filter(([name]) => g.params.has(name));
}

function zeros(value: Value): TensorData & { readonly data: Float32Array } {
  return { type: 'float32', dims: value.shape.map(fixed), data: new Float32Array(sizeOf(value.shape)) };
}

function fillMask(mask: Float32Array, rate: number, keys: readonly (string | number)[]): void {
  const draw = random('dropout', ...keys);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < mask.length; i++) mask[i] = draw.uniform() < rate ? 0 : kept;
}
