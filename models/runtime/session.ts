import * as ort from 'onnxruntime-node';
import { UndertoneError } from '../errors.ts';

export type ElementType = 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'bool';

/** A dense tensor, row-major. `int64` data is a BigInt64Array, `bool` a Uint8Array of 0 and 1. */
export interface TensorData {
  readonly type: ElementType;
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

/** Name, element type and shape of an input or output; a string is a symbolic dimension. */
export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly (number | string)[];
}

export interface OpenSessionOptions {
  readonly provider?: 'cpu' | 'webgpu' | 'cuda';
  /** Threads inside one operator; 1 in workers, where a process per core runs. */
  readonly threads?: number;
  /** Whether idle threads of the operator pool spin, as onnxruntime's do unless told: far slower where cores are shared. */
  readonly spinning?: boolean;
}

export interface OrtSession {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the graph once; blocks the thread while it computes. `fetches` limits the outputs; an output named in
   * `preallocated` is written into that tensor's data, and that tensor is what is given back.
   */
  run(
    feeds: Readonly<Record<string, TensorData>>,
    fetches?: readonly string[],
    preallocated?: Readonly<Record<string, TensorData>>,
  ): Promise<Record<string, TensorData>>;
  /** Releases the native session. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens an ONNX model from a file's path or from its bytes.
 *
 * @throws UndertoneError `model_unreadable` when the runtime refuses the model or the provider
 */
export async function openSession(source: string | Uint8Array, options: OpenSessionOptions = {}): Promise<OrtSession> {
  const settings: ort.InferenceSession.SessionOptions = {
    executionProviders: [options.provider ?? 'cpu'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: options.spinning === true ? '1' : '0' } } },
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads, interOpNumThreads: 1 }),
  };
  let session: ort.InferenceSession;
  try {
    session = await (typeof source === 'string'
      ? ort.InferenceSession.create(source, settings)
      : ort.InferenceSession.create(source, settings));
  } catch (error) {
    const what = typeof source === 'string' ? source : 'the model';
    throw new UndertoneError('model_unreadable', `onnxruntime cannot open ${what}: ${firstLine(error)}`, {
      cause: error,
    });
  }
  let closed = false;
  return {
    inputs: session.inputMetadata.map(tensorInfo),
    outputs: session.outputMetadata.map(tensorInfo),
    run: async (feeds, fetches, preallocated) => {
      const inputs = mapValues(feeds, toOrt);
      if (fetches === undefined && preallocated === undefined) return mapValues(await session.run(inputs), fromOrt);
      const names = fetches ?? session.outputNames;
      const wanted = Object.fromEntries(
        names.map((name) => [name, preallocated?.[name] === undefined ? null : toOrt(preallocated[name])]),
      );
      // The runtime fills a preallocated tensor and gives back a second copy of it besides.
      return { ...mapValues(await session.run(inputs, wanted), fromOrt), ...pick(preallocated, names) };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await session.release();
    },
  };
}

function toOrt(tensor: TensorData): ort.Tensor {
  return new ort.Tensor(tensor.type, tensor.data as Float32Array, tensor.dims);
}

function fromOrt(tensor: ort.OnnxValue): TensorData {
  const { type, dims, data } = tensor;
  return { type: type as ElementType, dims, data: data as Float32Array };
}

function tensorInfo(metadata: ort.InferenceSession.ValueMetadata): TensorInfo {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, dims: metadata.shape }
    : { name: metadata.name, type: 'sequence', dims: [] };
}

function pick<T>(record: Readonly<Record<string, T>> = {}, names: readonly string[] = []): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  const out: Record<string, B> = {};
  for (const [key, value] of Object.entries(record)) out[key] = map(value);
  return out;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
