import { QUICK_GELU, type Activation } from '../vit/vision-transformer.ts';
import type { NodeProto } from '../../graph/onnx/gen/onnx_pb.ts';
import type { GraphView } from './graph-view.ts';
import type { Matched } from './match-layers.ts';
import { unrecognised } from './unrecognised.ts';

type Elementwise = (...inputs: number[]) => number;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const geluTanh = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const gelu = (x: number): number => 0.5 * x * (1 + erf(x * Math.SQRT1_2));

const KNOWN: Readonly<Record<Activation, Elementwise>> = {
  quick_gelu: (x) => x * sigmoid(QUICK_GELU * x),
  gelu,
  gelu_tanh: geluTanh,
};

/** Operators that exporters write activations with, by what they do to single numbers. */
const OPERATORS: Readonly<Record<string, Elementwise>> = {
  Add: (a = 0, b = 0) => a + b,
  Sub: (a = 0, b = 0) => a - b,
  Mul: (a = 0, b = 0) => a * b,
  Div: (a = 0, b = 0) => a / b,
  Pow: (a = 0, b = 0) => a ** b,
  Neg: (x = 0) => -x,
  Exp: Math.exp,
  Tanh: Math.tanh,
  Erf: erf,
  Sigmoid: sigmoid,
};

/** Where functions are compared: the two forms of GELU are furthest from each other, by 5e-4, at 2.7 and at -2.7. */
const POINTS = Array.from({ length: 61 }, (_, i) => (i - 30) / 5);
const NEAR = 1e-4;

/**
 * The activation that makes `value`, however it is written: what is computed of single numbers is told by its values.
 *
 * @throws UndertoneError `rewrite_unrecognised`
 */
export function matchActivation(view: GraphView, value: string | undefined): Matched<Activation> {
  const curve = new Curve(view);
  const found = curve.of(view.source(value));
  const { input } = curve;
  const layer = (Object.keys(KNOWN) as Activation[]).find((name) =>
    POINTS.every((x, i) => Math.abs(KNOWN[name](x) - (found[i] as number)) < NEAR),
  );
  if (layer === undefined || input === undefined) throw unrecognised('QuickGELU or GELU', view.producer(value));
  return { layer, input };
}

/** Values of a graph as functions of one other value, computed at {@link POINTS}. */
class Curve {
  readonly #view: GraphView;
  readonly #known = new Map<string, readonly number[]>();
  #input: string | undefined;

  constructor(view: GraphView) {
    this.#view = view;
  }

  /** The value that goes in: the first that is not itself computed number by number. */
  get input(): string | undefined {
    return this.#input;
  }

  /** @throws UndertoneError `rewrite_unrecognised` where two values go in */
  of(name: string): readonly number[] {
    const value = this.#view.source(name);
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const found = this.#computed(value);
    this.#known.set(value, found);
    return found;
  }

  #computed(value: string): readonly number[] {
    const scalar = this.#view.scalar(value);
    if (scalar !== undefined) return POINTS.map(() => scalar);
    const node = this.#view.producer(value);
    const operator = node === undefined ? undefined : operatorOf(node);
    const single = node?.input.every((input) => this.#view.scalar(input) !== undefined || !this.#isStored(input));
    if (node !== undefined && operator !== undefined && single === true) {
      const inputs = node.input.map((input) => this.of(input));
      return POINTS.map((_, i) => operator(...inputs.map((values) => values[i] as number)));
    }
    this.#input ??= value;
    if (this.#input !== value) throw unrecognised('an activation of one value', node);
    return POINTS;
  }

  #isStored(value: string): boolean {
    return this.#view.constant(value) !== undefined;
  }
}

function operatorOf({ opType, attribute }: NodeProto): Elementwise | undefined {
  if (opType !== 'Gelu') return OPERATORS[opType];
  const tanh = attribute.some(({ name, s }) => name === 'approximate' && new TextDecoder().decode(s) === 'tanh');
  return tanh ? geluTanh : gelu;
}

/** The error function to 2e-7 (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}
