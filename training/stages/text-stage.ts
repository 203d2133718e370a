import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import { branchName } from '../../models/encoders/text-encoder.ts';
import { textBranch } from '../../models/encoders/text-branch.ts';
import { apply } from '../../models/graph/component.ts';
import type { Graph } from '../../models/graph/graph.ts';
import { add, scale } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { augmentText } from '../augment/text.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import type { Utterance } from '../pools/text-pool.ts';
import { weightedDraw } from '../pools/weighted-draw.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { StageOptions } from './stage-options.ts';
import { textBatch } from './text-batch.ts';
import { textLabels, textLosses } from './text-losses.ts';

export interface TextStageOptions extends StageOptions {
  readonly recipe: Recipe;
  /** Which branch of the text encoder. */
  readonly branch: number;
  readonly utterances: readonly Utterance[];
  readonly tokenizer: TextTokenizer;
}

/**
 * Trains one branch of the text encoder on emotion, sentiment and score of texts. Branches know nothing of each other:
 * each starts elsewhere and meets the texts in another order, so that their errors differ.
 *
 * @returns the averaged parameters of branch and read-outs
 */
export async function trainTextBranch(options: TextStageOptions): Promise<ParamStore> {
  const { recipe, branch, tokenizer, threads, checkpoint, onProgress, signal } = options;
  const { seed, textStage } = recipe;
  const step = await compileStep((g) => objective(g, recipe, branch, tokenizer.vocabSize), { seed, threads });
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

function objective(g: Graph, { text, textStage }: Recipe, index: number, vocabulary: number): Objective {
  const { batch, weights } = textStage;
  const { branches, maxTokens } = text;
  const config = branches[index];
  if (config === undefined) throw new RangeError(`no branch ${index}`);
  const said = apply(g, textBranch({ ...config, vocabulary, maxTokens }), `text.${branchName(index)}`, {
    tokens: g.input('tokens', [batch, maxTokens], 'int64'),
    mask: g.input('mask', [batch, maxTokens]),
  });
  const { losses } = textLosses(g, `text_read_out.${index}`, said);
  const weighted = [
    scale(g, losses.emotion, weights.emotion),
    scale(g, losses.sentiment, weights.sentiment),
    scale(g, losses.score, weights.score),
  ];
  return { loss: weighted.reduce((a, b) => add(g, a, b)), metrics: losses };
}

function textBatches(options: TextStageOptions): (step: number) => Record<string, TensorData> {
  const { recipe, branch, utterances, tokenizer } = options;
  const { batch, augment } = recipe.textStage;
  const { maxTokens } = recipe.text;
  const drawText = weightedDraw(utterances.map((utterance) => utterance.weight));
  return (step) => {
    const draw = random(recipe.seed, 'text batch', branch, step);
    const said = Array.from({ length: batch }, () => utterances[drawText(draw)] as Utterance);
    const texts = said.map(({ text }) => augmentText(draw, text, augment));
    return { ...textBatch(tokenizer, texts, maxTokens, maxTokens), ...textLabels(said) };
  };
}
