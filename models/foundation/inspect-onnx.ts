import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { BundleFile } from '../bundle/manifest.ts';
import { resolveInside } from '../bundle/resolve-inside.ts';
import { UndertoneError, hasCode } from '../errors.ts';
import { type OnnxSummary, type OnnxTensorInfo, readOnnx } from '../graph/onnx/read.ts';

/** What an ONNX file of a model's folder says, and the files beside it that hold its tensors. */
export interface InspectedOnnx {
  readonly file: string;
  readonly summary: OnnxSummary;
  /** Paths inside the model's folder. */
  readonly external: readonly string[];
}

/**
 * Reads an ONNX file without running it and checks that what it refers to lies in the model's folder, under a name that a
 * manifest can list with its sha256.
 *
 * @throws UndertoneError `foundation_external` when it refers to another file, `onnx_unreadable`, `bundle_path`
 */
export async function inspectOnnx(dir: string, file: string): Promise<InspectedOnnx> {
  const summary = read(file, await readFile(await resolveInside(dir, file)));
  const external = summary.externalFiles.map((location) => {
    const path = posix.normalize(posix.join(posix.dirname(file), location));
    if (location === '' || posix.isAbsolute(location) || !BundleFile.safeParse(path).success)
      throw new UndertoneError(
        'foundation_external',
        `${file} keeps tensors in "${location}", which is outside the model's folder, hidden, or named with other characters than letters, digits, ".", "_" and "-"; use a model from its source`,
      );
    return path;
  });
  return { file, summary, external };
}

function read(file: string, bytes: Uint8Array): OnnxSummary {
  try {
    return readOnnx(bytes);
  } catch (error) {
    if (!hasCode(error, 'onnx_unreadable')) throw error;
    throw new UndertoneError('onnx_unreadable', `${file}: ${error.message}`, { cause: error });
  }
}

/**
 * An input of a graph, checked.
 * @param dims what each dimension may be: a number must be that or symbolic, `undefined` may be anything
 * @throws UndertoneError `foundation_input`
 */
export function graphInput(
  { file, summary }: InspectedOnnx,
  name: string,
  types: readonly string[],
  dims: readonly (number | undefined)[],
): OnnxTensorInfo {
  const found = summary.inputs.find((input) => input.name === name);
  if (found === undefined) {
    const names = summary.inputs.map((input) => input.name).join(', ') || 'none';
    throw unfit(file, `it has no input ${name}; its inputs are ${names}`);
  }
  const shape = `${found.type} [${found.dims.join(', ')}]`;
  if (!types.includes(found.type)) throw unfit(file, `its input ${name} is ${shape}, not ${types.join(' or ')}`);
  const fits =
    found.dims.length === dims.length &&
    found.dims.every((dim, i) => typeof dim === 'string' || dims[i] === undefined || dim === dims[i]);
  if (!fits) throw unfit(file, `its input ${name} is ${shape}, not [${dims.map((dim) => dim ?? '?').join(', ')}]`);
  return found;
}

/** Checks that a graph needs no other inputs and gives embeddings. @throws UndertoneError `foundation_input` */
export function checkInterface(
  { file, summary }: InspectedOnnx,
  inputs: readonly string[],
  output: string,
  dimension: number,
): void {
  const other = summary.inputs.find(({ name }) => !inputs.includes(name));
  if (other !== undefined) throw unfit(file, `it also needs an input ${other.name}`);
  const found = summary.outputs.find(({ name }) => name === output);
  if (found === undefined)
    throw unfit(
      file,
      `it has no output ${output}; its outputs are ${summary.outputs.map(({ name }) => name).join(', ')}`,
    );
  const last = found.dims.at(-1);
  if (found.type !== 'float32' || (found.dims.length > 0 && found.dims.length !== 2))
    throw unfit(
      file,
      `its output ${output} is ${found.type} [${found.dims.join(', ')}], not float32 [N, ${dimension}]`,
    );
  if (typeof last === 'number' && last !== dimension)
    throw unfit(file, `its output ${output} has ${last} values, not ${dimension}`);
}

/** The batch size that a graph's first input dimension fixes. @throws UndertoneError `foundation_input` above 1 */
export function fixedBatch({ file }: InspectedOnnx, dim: number | string | undefined): 1 | undefined {
  if (typeof dim !== 'number') return undefined;
  if (dim === 1) return 1;
  throw unfit(file, `it takes batches of ${dim} only`);
}

function unfit(file: string, why: string): UndertoneError {
  return new UndertoneError('foundation_input', `${file} does not fit: ${why}; choose another file or model`);
}
