import type { StageOptions } from './stage-options.ts';

/** Where a round of a stage keeps its checkpoint: the last one's is the stage's, those before have their number in the name. */
export function roundCheckpoint(
  checkpoint: StageOptions['checkpoint'],
  index: number,
  rounds: number,
): StageOptions['checkpoint'] {
  if (checkpoint === undefined || index === rounds - 1) return checkpoint;
  return { ...checkpoint, path: checkpoint.path.replace(/(\.\w+)?$/, `-${index + 1}$1`) };
}
