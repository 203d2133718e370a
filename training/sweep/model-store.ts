import { join } from 'node:path';
import type { ParamStore } from '../../models/graph/param.ts';
import { readIfWhole, writeSafetensors } from '../engine/safetensors.ts';
import { makeOut } from '../make-out.ts';

/** Trained parameters of one unit, fold by fold, so that it can be tested on more without being trained again. */
export interface UnitModels {
  /** Undefined where there are none, or none that are whole. */
  read(fold: number): Promise<ParamStore | undefined>;
  /** @throws UndertoneError `out_unwritable`, `checkpoint_unwritable` */
  write(fold: number, params: ParamStore): Promise<void>;
}

/** The trained parameters of the unit of that key, a safetensors file per fold in `folder`. */
export function unitModels(folder: string, key: string): UnitModels {
  const path = (fold: number): string => join(folder, `${key}-${fold}.safetensors`);
  return {
    read: async (fold) => (await readIfWhole(path(fold)))?.tensors,
    write: async (fold, params) => {
      await makeOut(folder);
      await writeSafetensors(path(fold), { tensors: params, metadata: {} });
    },
  };
}
