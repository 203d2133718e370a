import { join } from 'node:path';
import { z } from 'zod';
import { readIfWhole, writeSafetensors } from '../engine/safetensors.ts';
import { makeOut } from '../make-out.ts';
import type { Part } from './encode-part.ts';

const Bad = z.array(z.object({ id: z.string(), code: z.string(), message: z.string() }));
const TENSORS = ['video', 'videoMask', 'text', 'textMask'] as const;

/** Parts of a preparation, a safetensors file each. */
export interface PartStore {
  /** Undefined where there is none that is whole and of clips with this stamp. */
  read(start: number, n: number, stamp: string): Promise<Part | undefined>;
  /** @throws UndertoneError `out_unwritable`, `checkpoint_unwritable` */
  write(start: number, part: Part, stamp: string): Promise<void>;
}

export function partStore(folder: string, { slots, dimension }: { slots: number; dimension: number }): PartStore {
  const path = (start: number): string => join(folder, `${start}.safetensors`);
  return {
    read: async (start, n, stamp) => {
      const file = await readIfWhole(path(start));
      if (file?.metadata['stamp'] !== stamp) return undefined;
      const sizes = { video: n * slots * dimension, videoMask: n * slots, text: n * dimension, textMask: n };
      const [video, videoMask, text, textMask] = TENSORS.map((name) => file.tensors.get(name));
      const bad = Bad.safeParse(JSON.parse(file.metadata['bad'] ?? 'null'));
      if (video?.length !== sizes.video || videoMask?.length !== sizes.videoMask) return undefined;
      if (text?.length !== sizes.text || textMask?.length !== sizes.textMask || !bad.success) return undefined;
      return { video, videoMask, text, textMask, bad: bad.data };
    },
    write: async (start, part, stamp) => {
      await makeOut(folder);
      await writeSafetensors(path(start), {
        tensors: new Map(TENSORS.map((name) => [name, part[name]])),
        metadata: { bad: JSON.stringify(part.bad), stamp },
      });
    },
  };
}
