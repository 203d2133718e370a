import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import type { Graph } from '../../models/graph/graph.ts';
import { add, scale } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { augmentText } from '../augment/text.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import { isReadBy, type Utterance } from '../pools/text-pool.ts';
import { weightedDraw } from '../pools/weighted-draw.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { Lessons } from '../teacher/lessons.ts';
import { readBranch } from './read-branch.ts';
import type { StageOptions } from './stage-options.ts';
import { textBatch } from './text-batch.ts';
import { textLabels, textLosses } from './text-losses.ts';
import { taughtBy, teacherBatch, teacherDistance } from './teacher-loss.ts';
import { teacherReadOut, trainByTeacher } from './teacher-round.ts';

export interface TextStageOptions extends StageOptions {
  readonly recipe: Recipe;
  /** Which branch of the text encoder. */
  readonly branch: number;
  readonly utterances: readonly Utterance[];
  readonly tokenizer: TextTokenizer;
  /** What the recipe's teacher says of the utterances. */
  readonly lessons?: Lessons | undefined;
}

/**
 * Trains one branch of the text encoder on emotion, sentiment and score of texts. Branches know nothing of each other:
 * each starts elsewhere and meets the texts in another order, so that their errors differ. With a teacher, a branch has
 * first learnt to say what that says, and goes on saying it beside.
 *
 * @returns the averaged parameters of branch and read-outs
 */
export async function trainTextBranch(options: TextStageOptions): Promise<ParamStore> {
  const { recipe, branch, threads, checkpoint, onProgress, signal } = options;
  const { seed, textStage } = recipe;
  const taught = taughtBy(options);
  const params: ParamStore = taught === undefined ? new Map() : await trainByTeacher({ ...options, ...taught });
  const step = await compileStep((g) => objective(g, options), { seed, threads, params });
  try {
    const batch = textBatches(options);
    return await trainLoop({
      step,
      config: textStage.loop,
      seed: seed + branch,
      batch,
      checkpoint,
      onProgress,
      signal,
    });
  } finally {
    await step.close();
  }
}

function objective(g: Graph, options: TextStageOptions): Objective {
  const { recipe, branch, tokenizer } = options;
  const { batch, weights } = recipe.textStage;
  const said = readBranch(g, recipe.text, { branch, vocabulary: tokenizer.vocabSize, batch });
  const { losses } = textLosses(g, `text_read_out.${branch}`, said);
  const weighted = [
    scale(g, losses.emotion, weights.emotion),
    scale(g, losses.sentiment, weights.sentiment),
    scale(g, losses.score, weights.score),
  ];
  const taught = taughtBy(options);
  if (taught !== undefined) {
    const distance = teacherDistance(g, teacherReadOut(branch), said, taught.lessons.dimension);
    weighted.push(scale(g, distance, taught.teacher.weight));
  }
  return { loss: weighted.reduce((a, b) => add(g, a, b)), metrics: losses };
}

function textBatches(options: TextStageOptions): (step: number) => Record<string, TensorData> {
  const { recipe, branch, utterances, tokenizer } = options;
  const { batch, augment } = recipe.textStage;
  const { maxTokens } = recipe.text;
  const drawText = weightedDraw(utterances.map((utterance) => (isReadBy(utterance, branch) ? utterance.weight : 0)));
  const taught = taughtBy(options);
  return (step) => {
    const draw = random(recipe.seed, 'text batch', branch, step);
    const drawn = Array.from({ length: batch }, () => drawText(draw));
    const said = drawn.map((i) => utterances[i] as Utterance);
    const texts = said.map(({ text }) => augmentText(draw, text, augment));
    const tokens = textBatch(tokenizer, texts, maxTokens, maxTokens);
    return { ...tokens, ...textLabels(said), ...(taught && teacherBatch(taught.lessons, drawn)) };
  };
}
