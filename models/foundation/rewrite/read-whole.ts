import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { resolveInside } from '../../bundle/resolve-inside.ts';
import { ModelProtoSchema, type ModelProto, type TensorProto } from '../../graph/onnx/gen/onnx_pb.ts';
import { EXTERNAL } from '../../graph/onnx/read.ts';

/** Bytes that one ONNX file can hold. */
const MOST = 2 ** 31 - 1;

/**
 * An ONNX file with the tensors inside that it keeps in files beside it, as PyTorch's newest exporter writes all of them.
 * Where that is more than one file can hold, where a file beside it ends early, and where there is nothing to put inside, the
 * file as it is.
 *
 * @throws UndertoneError `bundle_path`, `bundle_checksum` for a file beside it that leads elsewhere or is missing; system
 * errors of the disk
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  const model = parsed(bytes);
  const tensors = model?.graph?.initializer.filter(({ dataLocation }) => dataLocation === EXTERNAL) ?? [];
  const places = tensors.map((tensor) => ({ tensor, ...placeOf(tensor) }));
  const size = places.reduce((sum, { length }) => sum + length, bytes.length);
  if (model === undefined || tensors.length === 0 || !(size <= MOST)) return bytes;
  for (const { tensor, location, offset, length } of places) {
    const handle = await open(await resolveInside(dirname(path), location));
    try {
      const data = new Uint8Array(length);
      const { bytesRead } = await handle.read(data, 0, length, offset);
      if (bytesRead < length) return bytes;
      Object.assign(tensor, { rawData: data, dataLocation: 0, externalData: [] });
    } finally {
      await handle.close();
    }
  }
  return toBinary(ModelProtoSchema, model);
}

/** Bytes that are no model are left to what reads them next. */
function parsed(bytes: Uint8Array): ModelProto | undefined {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch {
    return undefined;
  }
}

/** Where a tensor lies; without a length, or with an impossible one, it has NaN, and all are left outside. */
function placeOf({ externalData }: TensorProto): { location: string; offset: number; length: number } {
  const said = new Map(externalData.map(({ key, value }) => [key, value]));
  const length = Number(said.get('length'));
  const offset = Number(said.get('offset') ?? 0);
  const possible = Number.isSafeInteger(length) && length >= 0 && Number.isSafeInteger(offset) && offset >= 0;
  return { location: said.get('location') ?? '', offset, length: possible ? length : Number.NaN };
}
