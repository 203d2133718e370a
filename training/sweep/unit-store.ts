import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ownPart, writeWhole } from '../engine/write-whole.ts';
import { makeOut } from '../make-out.ts';
import type { UnitResult } from './unit.ts';

const Loss = z.object({ modality: z.enum(['video', 'text']), level: z.enum(['sample', 'frame']), rate: z.number() });
const Metrics = z.record(z.string(), z.number().nullable());
const Result = z.object({
  set: z.string(),
  method: z.string(),
  seed: z.number(),
  training: Loss.nullable(),
  tests: z.array(z.object({ testing: Loss.nullable(), metrics: Metrics })),
  virtual: Metrics,
  seconds: z.number(),
});

/** Results of units, a file each, so that a sweep goes on where it stopped and several processes can share one. */
export interface UnitStore {
  /** Undefined where there is none, or none that is whole. */
  read(key: string): Promise<UnitResult | undefined>;
  /** Appears whole or not at all. @throws UndertoneError `out_unwritable`, `checkpoint_unwritable` */
  write(key: string, result: UnitResult): Promise<void>;
}

export function unitStore(folder: string): UnitStore {
  const path = (key: string): string => join(folder, `${key}.json`);
  return {
    read: async (key) => {
      const text = await readFile(path(key), 'utf8').catch(() => undefined);
      const parsed = text === undefined ? undefined : Result.safeParse(parseJson(text));
      return parsed?.success === true ? parsed.data : undefined;
    },
    write: async (key, result) => {
      await makeOut(folder);
      // Parts tune alike, so several processes may write one at once.
      await writeWhole(path(key), (file) => file.writeFile(JSON.stringify(result)), ownPart(path(key)));
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
