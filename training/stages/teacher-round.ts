import { branchName } from '../../models/encoders/text-encoder.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { compileStep } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import type { TeacherConfig } from '../recipes/recipe.ts';
import type { Lessons } from '../teacher/lessons.ts';
import { isReadBy } from '../pools/text-pool.ts';
import { branchOf, readBranch } from './read-branch.ts';
import { partCheckpoint } from './round-checkpoint.ts';
import { textBatch } from './text-batch.ts';
import type { TextStageOptions } from './text-stage.ts';
import { teacherBatch, teacherDistance } from './teacher-loss.ts';

export type TeacherRoundOptions = TextStageOptions & {
  readonly teacher: TeacherConfig;
  readonly lessons: Lessons;
};

/** Name of the parameters with which a branch says what the teacher says. */
export function teacherReadOut(branch: number): string {
  return `teacher_read_out.${branch}`;
}

/**
 * Trains a branch to say what the teacher says: every text alike, labelled how it may be, as it is written, which is how
 * the teacher has read it. The table of tokens starts from what the teacher says of each.
 *
 * @returns the averaged parameters of branch and read-out
 */
export async function trainByTeacher(options: TeacherRoundOptions): Promise<ParamStore> {
  const { recipe, branch, teacher, lessons, tokenizer, threads, onProgress, signal } = options;
  const { seed } = recipe;
  const { batch, dropout, loop } = teacher.round;
  const vocabulary = tokenizer.vocabSize;
  const { width } = branchOf(recipe.text, branch);
  const tokens = lessons.tables.get(width) ?? new Float32Array(0);
  const step = await compileStep(
    (g) => {
      const said = readBranch(g, recipe.text, { branch, vocabulary, batch, dropout });
      return { loss: teacherDistance(g, teacherReadOut(branch), said, lessons.dimension) };
    },
    { seed, threads, params: new Map([[`text.${branchName(branch)}.tokens`, tokens]]) },
  );
  try {
    const checkpoint = partCheckpoint(options.checkpoint, 'taught');
    const batches = teacherBatches(options);
    return await trainLoop({
      step,
      config: loop,
      seed: seed + branch,
      batch: batches,
      checkpoint,
      onProgress,
      signal,
    });
  } finally {
    await step.close();
  }
}

function teacherBatches(options: TeacherRoundOptions): (step: number) => Record<string, TensorData> {
  const { recipe, branch, teacher, lessons, utterances, tokenizer } = options;
  const { maxTokens } = recipe.text;
  const read = utterances.flatMap((utterance, i) => (isReadBy(utterance, branch) ? [i] : []));
  return (step) => {
    const draw = random(recipe.seed, 'teacher batch', branch, step);
    const drawn = Array.from({ length: teacher.round.batch }, () => draw.pick(read));
    const texts = drawn.map((i) => utterances[i]?.text ?? '');
    return { ...textBatch(tokenizer, texts, maxTokens, maxTokens), ...teacherBatch(lessons, drawn) };
  };
}
