import { join } from 'node:path';
import type { ParamStore } from '../../models/graph/param.ts';
import { finishedParams, isFinished } from '../engine/checkpoint.ts';
import type { LoopProgress } from '../engine/train-loop.ts';
import { trainHeads, type HeadsStageOptions } from './heads-stage.ts';
import type { ClipMaterial } from './pairs-stage.ts';

/** The heads, and the two baselines that fill with zeros, by the names that reports use. */
export const HEADS_RUNS: readonly {
  readonly key: string;
  readonly name: string;
  readonly variant: NonNullable<HeadsStageOptions['variant']>;
}[] = [
  { key: 'heads', name: 'heads', variant: { fill: 'virtual', drops: true } },
  { key: 'zero_complete', name: 'zero-fill heads on complete data', variant: { fill: 'zero', drops: false } },
  { key: 'zero_dropout', name: 'zero-fill heads with dropout', variant: { fill: 'zero', drops: true } },
];

export interface HeadsRunsOptions extends Pick<HeadsStageOptions, 'recipe' | 'threads' | 'signal'> {
  /** What they train on, asked for where a run is not finished. */
  readonly material: () => Promise<ClipMaterial>;
  /** Folder of the checkpoints. */
  readonly out: string;
  /** Names everything that the heads of a variant depend on. */
  readonly fingerprint: (variant: NonNullable<HeadsStageOptions['variant']>) => string;
  readonly onStage?: ((what: string) => void) | undefined;
  readonly onProgress?: ((stage: string, progress: LoopProgress) => void) | undefined;
}

/** Trains all of {@link HEADS_RUNS}, each from its checkpoint. @returns parameters by key */
export async function trainHeadsRuns(options: HeadsRunsOptions): Promise<Readonly<Record<string, ParamStore>>> {
  const { out, material, fingerprint, onStage, onProgress, ...stage } = options;
  const trained: Record<string, ParamStore> = {};
  for (const { key, name, variant } of HEADS_RUNS) {
    const checkpoint = { path: checkpointOf(out, name), fingerprint: fingerprint(variant) };
    const finished = await finishedParams(checkpoint);
    if (finished !== undefined) {
      trained[key] = finished;
      continue;
    }
    const given = await material();
    onStage?.(`training the ${name}`);
    trained[key] = await trainHeads({
      ...stage,
      ...given,
      variant,
      checkpoint,
      onProgress: (progress) => onProgress?.(name, progress),
    });
  }
  return trained;
}

/** Whether a run of whatever configuration has finished {@link HEADS_RUNS} in `out`, the last that it trains. */
export async function areHeadsFinished(out: string): Promise<boolean> {
  for (const { name } of HEADS_RUNS) if (!(await isFinished(checkpointOf(out, name)))) return false;
  return true;
}

function checkpointOf(out: string, name: string): string {
  return join(out, `${name.replaceAll(' ', '-')}.safetensors`);
}
