import type { ParamStore } from '../../models/graph/param.ts';

export interface AdamWConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

export const ADAMW: AdamWConfig = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.05 };

/** Moments of AdamW per parameter, and how many steps made them. */
export interface AdamWState {
  step: number;
  readonly first: ParamStore;
  readonly second: ParamStore;
}

export function adamWState(params: ParamStore, names: Iterable<string>): AdamWState {
  const state: AdamWState = { step: 0, first: new Map(), second: new Map() };
  for (const name of names) {
    const size = params.get(name)?.length ?? 0;
    state.first.set(name, new Float32Array(size));
    state.second.set(name, new Float32Array(size));
  }
  return state;
}

/**
 * One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101), in place: decay is decoupled and touches only the
 * parameters for which `decays` holds; `gradientScale` is the factor of the clipping.
 */
export function adamWStep(
  params: ParamStore,
  gradients: ParamStore,
  state: AdamWState,
  config: AdamWConfig,
  at: { readonly learningRate: number; readonly gradientScale: number; readonly decays: (name: string) => boolean },
): void {
  state.step++;
  const correction1 = 1 / (1 - config.beta1 ** state.step);
  const correction2 = 1 / (1 - config.beta2 ** state.step);
  for (const [name, gradient] of gradients) {
    const param = params.get(name);
    const first = state.first.get(name);
    const second = state.second.get(name);
    if (param === undefined || first === undefined || second === undefined) continue;
    const keep = at.decays(name) ? 1 - at.learningRate * config.weightDecay : 1;
    update(param, gradient, first, second, { ...config, ...at, keep, correction1, correction2 });
  }
}

interface Coefficients extends AdamWConfig {
  readonly learningRate: number;
  readonly gradientScale: number;
  readonly keep: number;
  readonly correction1: number;
  readonly correction2: number;
}

function update(
  param: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  c: Coefficients,
): void {
  const { beta1, beta2, epsilon, gradientScale, keep, correction2 } = c;
  const rate = c.learningRate * c.correction1;
  for (let i = 0; i < param.length; i++) {
    const g = (gradient[i] as number) * gradientScale;
    const m = beta1 * (first[i] as number) + (1 - beta1) * g;
    const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
    first[i] = m;
    second[i] = v;
    param[i] = (param[i] as number) * keep - (rate * m) / (Math.sqrt(v * correction2) + epsilon);
  }
}

/** Euclidean norm of all gradients together. */
export function globalNorm(gradients: ParamStore): number {
  let sum = 0;
  for (const gradient of gradients.values())
    for (let i = 0; i < gradient.length; i++) sum += (gradient[i] as number) ** 2;
  return Math.sqrt(sum);
}

/** average <- decay average + (1 - decay) value, in place. */
export function blendInto(average: Float32Array, value: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i++)
    average[i] = decay * (average[i] as number) + (1 - decay) * (value[i] as number);
}
