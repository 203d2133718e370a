import { random } from '../random.ts';
import type { Graph, Value } from './graph.ts';
import { sizeOf } from './shape.ts';

export type Init =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly std: number };

/** Shape and first value of a parameter. */
export interface ParamSpec {
  readonly isParam: true;
  readonly shape: readonly number[];
  readonly init: Init;
  /** Whether weight decay applies; not to biases and norms. */
  readonly decay: boolean;
  /** False for running statistics, which no gradient changes. */
  readonly trainable: boolean;
}

/** Parameters of a component: specs, in nested records and lists. */
export type ParamTree = ParamSpec | { readonly [key: string]: ParamTree } | readonly ParamTree[];

/** The same tree with a graph's values in the place of specs. */
export type ParamValues<T> = T extends ParamSpec
  ? Value
  : T extends readonly (infer U)[]
    ? ParamValues<U>[]
    : { readonly [K in keyof T]: ParamValues<T[K]> };

/** Parameter values by full name, e.g. `image.stages.0.norm.gain`. */
export type ParamStore = Map<string, Float32Array>;

/** A weight that decays, drawn from N(0, std^2). */
export function weight(shape: readonly number[], std: number): ParamSpec {
  return { isParam: true, shape, init: { kind: 'normal', std }, decay: true, trainable: true };
}

/** A bias or gain, all `value` at first, without decay. */
export function bias(shape: readonly number[], value = 0): ParamSpec {
  return { isParam: true, shape, init: { kind: 'constant', value }, decay: false, trainable: true };
}

/** A running statistic. */
export function statistic(shape: readonly number[], value: number): ParamSpec {
  return { isParam: true, shape, init: { kind: 'constant', value }, decay: false, trainable: false };
}

/** Declares a tree of parameters in a graph, each named by its path under `prefix`. */
export function declare<T extends ParamTree>(g: Graph, tree: T, prefix: string): ParamValues<T> {
  if (isSpec(tree)) return g.param(prefix, tree) as ParamValues<T>;
  if (Array.isArray(tree))
    return tree.map((child: ParamTree, i) => declare(g, child, `${prefix}.${i}`)) as ParamValues<T>;
  const entries = Object.entries(tree).map(([key, child]) => [key, declare(g, child, `${prefix}.${key}`)]);
  return Object.fromEntries(entries) as ParamValues<T>;
}

/** First values of a graph's parameters; each depends on the seed and its own name alone. */
export function initParams(g: Graph, seed: number): ParamStore {
  const store: ParamStore = new Map();
  for (const [name, { spec }] of g.params) {
    const data = new Float32Array(sizeOf(spec.shape));
    if (spec.init.kind === 'constant') data.fill(spec.init.value);
    else {
      const draw = random(seed, 'init', name);
      for (let i = 0; i < data.length; i++) data[i] = draw.normal() * spec.init.std;
    }
    store.set(name, data);
  }
  return store;
}

/** Number of trainable values. */
export function countParams(g: Graph): number {
  return [...g.params.values()].reduce((sum, { spec }) => sum + (spec.trainable ? sizeOf(spec.shape) : 0), 0);
}

function isSpec(tree: ParamTree): tree is ParamSpec {
  return 'isParam' in tree;
}
