import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfWhole, writeSafetensors } from '../engine/safetensors.ts';
import { fingerprint } from '../fingerprint.ts';
import { makeOut } from '../make-out.ts';
import { copyRow, emptyTable, type EmbeddedRows } from '../sweep/clip-table.ts';
import { knownRows, type KnownRows } from './known-rows.ts';

const Stamps = z.array(z.string());
const TENSORS = ['video', 'videoMask', 'text', 'textMask'] as const;
const FILE = '.safetensors';

/** What of a preparation is done, a safetensors file for every few samples. */
export interface PartStore extends KnownRows {
  /**
   * Keeps some rows, by the stamps of their samples.
   *
   * @throws UndertoneError `out_unwritable`, `checkpoint_unwritable`
   */
  write(table: EmbeddedRows, done: readonly { readonly row: number; readonly stamp: string }[]): Promise<void>;
  remove(): Promise<void>;
}

/** Opens what an earlier run left in `folder`; a file that is not whole, or of another shape, holds nothing. */
export async function partStore(folder: string, shape: Pick<EmbeddedRows, 'slots' | 'dimension'>): Promise<PartStore> {
  const parts: NonNullable<Awaited<ReturnType<typeof readPart>>>[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const part = name.endsWith(FILE) ? await readPart(join(folder, name), shape) : undefined;
    if (part !== undefined) parts.push(part);
  }
  return {
    ...knownRows(parts),
    write: async (table, done) => {
      if (done.length === 0) return;
      await makeOut(folder);
      const rows = emptyTable(done.length, shape.slots, shape.dimension);
      for (const [to, { row }] of done.entries()) copyRow(rows, to, table, row);
      const stamps = done.map(({ stamp }) => stamp);
      await writeSafetensors(join(folder, `${fingerprint(stamps).slice(0, 24)}${FILE}`), {
        tensors: new Map(TENSORS.map((name) => [name, rows[name]])),
        metadata: { stamps: JSON.stringify(stamps) },
      });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function readPart(
  path: string,
  { slots, dimension }: Pick<EmbeddedRows, 'slots' | 'dimension'>,
): Promise<{ readonly rows: EmbeddedRows; readonly stamps: readonly string[] } | undefined> {
  const file = await readIfWhole(path);
  const stamps = Stamps.safeParse(JSON.parse(file?.metadata['stamps'] ?? 'null')).data;
  if (file === undefined || stamps === undefined) return undefined;
  const rows = emptyTable(stamps.length, slots, dimension);
  for (const name of TENSORS) {
    const values = file.tensors.get(name);
    if (values?.length !== rows[name].length) return undefined;
    rows[name].set(values);
  }
  return { rows, stamps };
}
