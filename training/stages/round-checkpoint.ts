import type { StageOptions } from './stage-options.ts';

type Checkpoint = StageOptions['checkpoint'];

/** Where a round of a stage keeps its checkpoint: the last one's is the stage's, those before have their number in the name. */
export function roundCheckpoint(checkpoint: Checkpoint, index: number, rounds: number): Checkpoint {
  return index === rounds - 1 ? checkpoint : partCheckpoint(checkpoint, String(index + 1));
}

/** A checkpoint beside a stage's own, with `-PART` in its name. */
export function partCheckpoint(checkpoint: Checkpoint, part: string): Checkpoint {
  return checkpoint && { ...checkpoint, path: checkpoint.path.replace(/(\.\w+)?$/, `-${part}$1`) };
}
