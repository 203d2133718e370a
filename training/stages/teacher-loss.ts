import type { Graph, Value } from '../../models/graph/graph.ts';
import { l2Normalize } from '../../models/graph/ops/index.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { cosineDistance } from '../losses/losses.ts';
import type { Recipe, TeacherConfig } from '../recipes/recipe.ts';
import type { Lessons } from '../teacher/lessons.ts';
import { floats } from './batch.ts';
import { readOut } from './read-outs.ts';

/** The recipe's teacher and what it said, where there are both. */
export function taughtBy(options: {
  readonly recipe: Recipe;
  readonly lessons?: Lessons | undefined;
}): { readonly teacher: TeacherConfig; readonly lessons: Lessons } | undefined {
  const { lessons } = options;
  const { teacher } = options.recipe.textStage;
  return teacher === undefined || lessons === undefined ? undefined : { teacher, lessons };
}

/**
 * Mean distance 1 - cos between the teacher's embeddings, the input `teacher` [N, dimension], and what is read out
 * linearly from a branch's [N, d], with parameters `name`.
 */
export function teacherDistance(g: Graph, name: string, said: Value, dimension: number): Value {
  const batch = Number(said.shape[0]);
  const every = g.constant(new Float32Array(batch).fill(1), [batch]);
  return cosineDistance(
    g,
    l2Normalize(g, readOut(g, name, said, dimension)),
    g.input('teacher', [batch, dimension]),
    every,
  );
}

/** The teacher's embeddings of the texts with these indices, the input of {@link teacherDistance}. */
export function teacherBatch({ embeddings, dimension }: Lessons, texts: readonly number[]): Record<string, TensorData> {
  const rows = new Float32Array(texts.length * dimension);
  for (const [i, text] of texts.entries())
    rows.set(embeddings.subarray(text * dimension, (text + 1) * dimension), i * dimension);
  return { teacher: floats(rows, [texts.length, dimension]) };
}
