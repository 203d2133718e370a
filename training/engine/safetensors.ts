import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UndertoneError } from '../../models/errors.ts';
import type { ParamStore } from '../../models/graph/param.ts';

/** Named float32 tensors, flat, with text metadata. */
export interface TensorFile {
  readonly tensors: ParamStore;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Writes a file in the safetensors format (an 8-byte length, a JSON header, the data). The file appears whole or not at
 * all: it is written beside its place, flushed to the disk and renamed.
 */
export async function writeSafetensors(path: string, { tensors, metadata }: TensorFile): Promise<void> {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { length, byteLength }] of tensors) {
    header[name] = { dtype: 'F32', shape: [length], data_offsets: [offset, offset + byteLength] };
    offset += byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writev([length, padded]);
      for (const data of tensors.values())
        await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(dirname(path));
  await folder.sync().finally(() => folder.close());
}

/** @throws UndertoneError `checkpoint_unreadable` when the file is not whole */
export async function readSafetensors(path: string): Promise<TensorFile> {
  const bytes = await readFile(path);
  try {
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, start).toString()) as Record<string, unknown>;
    const tensors: ParamStore = new Map();
    for (const [name, value] of Object.entries(header)) {
      if (name === '__metadata__') continue;
      const [from, to] = (value as Entry).data_offsets;
      if (start + to > bytes.length) throw new RangeError(`${name} ends after the file`);
      tensors.set(name, new Float32Array(Uint8Array.from(bytes.subarray(start + from, start + to)).buffer));
    }
    return { tensors, metadata: (header['__metadata__'] ?? {}) as Record<string, string> };
  } catch (error) {
    throw new UndertoneError(
      'checkpoint_unreadable',
      `${path} is not a whole safetensors file; delete it to start again`,
      {
        cause: error,
      },
    );
  }
}
