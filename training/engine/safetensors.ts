import { existsSync } from 'node:fs';
import { readFile, type FileHandle } from 'node:fs/promises';
import { hasCode, UndertoneError } from '../../models/errors.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { writeWhole } from './write-whole.ts';

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
 * Writes a file in the safetensors format (an 8-byte length, a JSON header, the data), whole or not at all.
 *
 * @throws UndertoneError `checkpoint_unwritable` as {@link writeWhole}
 */
export async function writeSafetensors(
  path: string,
  { tensors, metadata }: TensorFile,
  temporary?: string,
): Promise<void> {
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
  const write = async (file: FileHandle): Promise<void> => {
    await file.writeFile(length);
    await file.writeFile(padded);
    for (const data of tensors.values())
      await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  };
  await writeWhole(path, write, temporary);
}

/** @throws UndertoneError `checkpoint_unreadable` when the file cannot be read, is not whole or holds other than float32 tensors */
export async function readSafetensors(path: string): Promise<TensorFile> {
  return parse(path, await bytesOf(path));
}

/**
 * Undefined where there is no file, or none that is whole: for what can be made again.
 *
 * @throws UndertoneError `checkpoint_unreadable` when it cannot be read, which says nothing of what is in it
 */
export async function readIfWhole(path: string): Promise<TensorFile | undefined> {
  if (!existsSync(path)) return undefined;
  const bytes = await bytesOf(path);
  try {
    return parse(path, bytes);
  } catch (error) {
    if (hasCode(error, 'checkpoint_unreadable')) return undefined;
    throw error;
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new UndertoneError('checkpoint_unreadable', `cannot read ${path} (${code})`, { cause: error });
  }
}

function parse(path: string, bytes: Buffer): TensorFile {
  try {
    const start = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, start).toString()) as Record<string, unknown>;
    const tensors: ParamStore = new Map();
    for (const [name, value] of Object.entries(header)) {
      if (name !== '__metadata__') tensors.set(name, readTensor(bytes.subarray(start), value as Entry));
    }
    return { tensors, metadata: (header['__metadata__'] ?? {}) as Record<string, string> };
  } catch (error) {
    throw new UndertoneError(
      'checkpoint_unreadable',
      `${path} is not a whole safetensors file; delete it to start again`,
      { cause: error },
    );
  }
}

function readTensor(data: Buffer, { dtype, shape, data_offsets: [from, to] }: Entry): Float32Array {
  const size = shape.reduce((n, dim) => n * dim, 1);
  if (dtype !== 'F32' || to - from !== 4 * size || from < 0 || to > data.length)
    throw new RangeError(`no ${size} values of ${dtype} at ${from}`);
  return new Float32Array(Uint8Array.from(data.subarray(from, to)).buffer);
}
