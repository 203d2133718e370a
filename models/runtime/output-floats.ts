import { UndertoneError } from '../errors.ts';
import type { TensorData } from './session.ts';

/** A float32 output of a run, `length` values of it where given. @throws UndertoneError `model_unreadable` */
export function outputFloats(
  outputs: Readonly<Record<string, TensorData>>,
  name: string,
  length?: number,
): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array))
    throw new UndertoneError(
      'model_unreadable',
      `the model gives no float32 output ${name}; its manifest says it does`,
    );
  if (length !== undefined && data.length !== length)
    throw new UndertoneError(
      'model_unreadable',
      `the model gives ${data.length} values in ${name}, its manifest says ${length}`,
    );
  return data;
}
