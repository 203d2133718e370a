import type { ElementType } from '../runtime/session.ts';
import type { Attribute } from './attribute.ts';
import type { ParamSpec } from './param.ts';
import { sameShape, shapeError, shapeText, sizeOf, type Shape } from './shape.ts';

/** One tensor of a graph. */
export interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
}

/** One ONNX operator of a graph, in the order of recording. */
export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Of an `If`: its two ways, by the names of their attributes. */
  readonly branches?: Readonly<Record<'then_branch' | 'else_branch', Branch>>;
}

/** One way of a conditional: operators of its own, which may use every value recorded before, and what comes out. */
export interface Branch {
  readonly nodes: readonly GraphNode[];
  readonly output: Value;
}

export interface Constant {
  readonly value: Value;
  readonly data: Float32Array | BigInt64Array;
}

/** An input that the training engine fills with a dropout mask: 0 with probability `rate`, else 1 / (1 - rate). */
export interface DropoutInput {
  readonly value: Value;
  readonly rate: number;
}

/**
 * Records operators with their shapes, in two modes of one definition: `training` graphs have dropout and batch
 * statistics and fixed shapes, inference graphs have neither and may have symbolic dimensions.
 */
export class Graph {
  readonly training: boolean;
  readonly nodes: GraphNode[] = [];
  readonly inputs = new Map<string, Value>();
  readonly params = new Map<string, { readonly value: Value; readonly spec: ParamSpec }>();
  readonly constants = new Map<string, Constant>();
  readonly outputs = new Map<string, Value>();
  readonly dropouts: DropoutInput[] = [];
  /** Batch statistics by the name of the parameter that holds their average. */
  readonly statistics = new Map<string, Value>();
  readonly #data = new Map<string, Constant['data']>();
  /** Where operators are recorded: in the graph, or in the branch that is open. */
  #open = this.nodes;
  #count = 0;

  constructor(options: { training?: boolean } = {}) {
    this.training = options.training ?? false;
  }

  /** Records an operator with one output. */
  record(
    op: string,
    inputs: readonly Value[],
    shape: Shape,
    attributes: Readonly<Record<string, Attribute>> = {},
    type: ElementType = 'float32',
  ): Value {
    const output = this.#value(shape, type);
    this.#open.push({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /** Records an operator with several float32 outputs. */
  recordMany(
    op: string,
    inputs: readonly Value[],
    shapes: readonly Shape[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const outputs = shapes.map((shape) => this.#value(shape, 'float32'));
    this.#open.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  /**
   * Records both ways of a conditional; only one of them is computed, as `condition` (bool, one value) says. Inference graphs
   * only: it has no gradient.
   */
  choose(condition: Value, shape: Shape, ways: { readonly yes: () => Value; readonly no: () => Value }): Value {
    if (this.training) throw shapeError('a training graph has no conditionals');
    const branches = { then_branch: this.#branch(ways.yes), else_branch: this.#branch(ways.no) };
    const output = this.#value(shape, 'float32');
    this.#open.push({ op: 'If', inputs: [condition], outputs: [output], attributes: {}, branches });
    return output;
  }

  /** A tensor that is fed. @throws UndertoneError `graph_shape` for a taken name or a size below 1 */
  input(name: string, shape: Shape, type: ElementType = 'float32'): Value {
    this.#unused(name);
    checkDims(name, shape);
    const value: Value = { name, shape, type };
    this.inputs.set(name, value);
    return value;
  }

  /** A parameter; asking again for the same name gives the same value, so that weights can be shared. */
  param(name: string, spec: ParamSpec): Value {
    const known = this.params.get(name);
    if (known !== undefined) {
      if (!sameShape(known.value.shape, spec.shape))
        throw shapeError(`parameter ${name} is ${shapeText(known.value.shape)}, not ${shapeText(spec.shape)}`);
      return known.value;
    }
    this.#unused(name);
    checkDims(name, spec.shape);
    const value: Value = { name, shape: spec.shape, type: 'float32' };
    this.params.set(name, { value, spec });
    return value;
  }

  /** A constant; equal ones are stored once. */
  constant(data: Float32Array | BigInt64Array, shape: readonly number[]): Value {
    if (data.length !== sizeOf(shape)) throw shapeError(`${data.length} constant values for ${shapeText(shape)}`);
    const type = data instanceof Float32Array ? 'float32' : 'int64';
    const key = data.length <= 64 ? `${type}(${shape.join()})${data.join()}` : `large${this.constants.size}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known.value;
    const value: Value = { name: `const_${this.constants.size}`, shape, type };
    this.constants.set(key, { value, data });
    this.#data.set(value.name, data);
    return value;
  }

  /** The data of a constant; undefined for any other value. */
  constantData(value: Value): Float32Array | BigInt64Array | undefined {
    return this.#data.get(value.name);
  }

  scalar(value: number): Value {
    return this.constant(Float32Array.of(value), []);
  }

  ints(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** Names a value as an output of the graph. */
  output(name: string, value: Value): void {
    this.#unused(name);
    this.outputs.set(name, value);
  }

  #branch(make: () => Value): Branch {
    const outside = this.#open;
    const nodes: GraphNode[] = [];
    this.#open = nodes;
    try {
      const result = make();
      // A branch gives out a value of its own, never one from outside.
      return { nodes, output: this.record('Identity', [result], result.shape, {}, result.type) };
    } finally {
      this.#open = outside;
    }
  }

  #value(shape: Shape, type: ElementType): Value {
    return { name: `v${this.#count++}`, shape, type };
  }

  #unused(name: string): void {
    if (/^(v|const_)\d+$/.test(name)) throw shapeError(`the name ${name} is kept for values inside the graph`);
    if (this.inputs.has(name) || this.params.has(name) || this.outputs.has(name))
      throw shapeError(`the graph already has a value named ${name}`);
  }
}

function checkDims(name: string, shape: Shape): void {
  if (shape.some((dim) => (typeof dim === 'number' ? !Number.isInteger(dim) || dim < 1 : dim === '')))
    throw shapeError(`${name} cannot be ${shapeText(shape)}`);
}
