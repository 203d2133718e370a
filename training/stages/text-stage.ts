import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import { textEncoder } from '../../models/encoders/text-encoder.ts';
import { apply } from '../../models/graph/component.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { add, scale, select } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random, type Random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { augmentText } from '../augment/text.ts';
import { EMOTIONS, type Emotion } from '../datasets/emotions.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import { crossEntropy, squaredError, supervisedContrastive, weightedMean } from '../losses/losses.ts';
import { sentimentRow, type Utterance } from '../pools/text-pool.ts';
import { weightedDraw } from '../pools/weighted-draw.ts';
import type { AlignStageConfig, Recipe } from '../recipes/recipe.ts';
import { affinity } from './affinity.ts';
import { floatRows, floats, floatVector } from './batch.ts';
import { embeddingRow, type Embeddings } from './embed-stage.ts';
import { readOut } from './read-outs.ts';
import type { StageOptions } from './stage-options.ts';
import { textBatch } from './text-batch.ts';

export interface TextStageOptions extends StageOptions {
  readonly recipe: Recipe;
  readonly utterances: readonly Utterance[];
  readonly tokenizer: TextTokenizer;
  /** Start values; default those of the seed. */
  readonly params?: ParamStore;
  /** Embedded faces that the texts are aligned with, as they are. Without them the texts are trained alone. */
  readonly faces?: LockedFaces;
}

export interface LockedFaces {
  readonly embeddings: Embeddings;
  readonly faces: readonly { readonly emotion: Emotion; readonly weight: number }[];
}

/**
 * Trains the text encoder on emotion, sentiment and score of texts, each read out linearly over the texts that have the
 * label; with `faces`, also to find the faces of like emotion and to be found by them: a supervised contrastive loss in
 * both directions against an image encoder that stays as it is (locked-image tuning, Zhai et al., arXiv 2111.07991).
 *
 * @returns the averaged parameters of encoder and read-outs
 */
export async function trainTextEncoder(options: TextStageOptions): Promise<ParamStore> {
  const { recipe, tokenizer, params, faces, threads, checkpoint, onProgress, signal } = options;
  const align = faces === undefined ? undefined : recipe.alignStage;
  const compiled = { seed: recipe.seed, threads, ...(params === undefined ? {} : { params }) };
  const step = await compileStep((g) => objective(g, recipe, tokenizer.vocabSize, align), compiled);
  try {
    const config = (align ?? recipe.textStage).loop;
    const batch = batches(options);
    return await trainLoop({ step, config, seed: recipe.seed, batch, checkpoint, onProgress, signal });
  } finally {
    await step.close();
  }
}

function objective(g: Graph, recipe: Recipe, vocabulary: number, align?: AlignStageConfig): Objective {
  const { batch, weights } = recipe.textStage;
  const { maxTokens } = recipe.text;
  const tokens = g.input('tokens', [batch, maxTokens], 'int64');
  const mask = g.input('mask', [batch, maxTokens]);
  const said = apply(g, textEncoder({ ...recipe.text, vocabulary }), 'text', { tokens, mask });
  const classes = recipe.heads.emotions;
  const hasEmotion = g.input('has_emotion', [batch]);
  const score = select(g, readOut(g, 'text_read_out.score', said, 1), 1, 0);
  const classify = (name: string, size: number, has: Value): Value => {
    const logits = readOut(g, `text_read_out.${name}`, said, size);
    return weightedMean(g, crossEntropy(g, logits, g.input(name, [batch, size])), has);
  };
  const parts: Record<string, Value> = {
    emotion: classify('emotion', classes, hasEmotion),
    sentiment: classify('sentiment', 3, g.input('has_sentiment', [batch])),
    score: weightedMean(g, squaredError(g, score, g.input('score', [batch])), g.input('has_score', [batch])),
  };
  if (align !== undefined) Object.assign(parts, alignment(g, said, hasEmotion, align));
  const weightOf = (name: string): number =>
    name in weights ? weights[name as keyof typeof weights] : (align?.contrastive ?? 0) / 2;
  const weighted = Object.entries(parts).map(([name, value]) => scale(g, value, weightOf(name)));
  return { loss: weighted.reduce((a, b) => add(g, a, b)), metrics: parts };
}

function alignment(g: Graph, said: Value, hasEmotion: Value, { faces: count, tau }: AlignStageConfig) {
  const batch = Number(said.shape[0]);
  const shown = g.input('faces', [count, Number(said.shape[1])]);
  const target = (name: string, rows: number, columns: number, visible: Value) => ({
    affinity: g.input(`${name}_affinity`, [rows, columns]),
    valid: g.input(`${name}_valid`, [rows]),
    columns: visible,
  });
  const everyFace = g.constant(new Float32Array(count).fill(1), [count]);
  return {
    textToFace: supervisedContrastive(g, said, shown, target('text', batch, count, everyFace), tau),
    faceToText: supervisedContrastive(g, shown, said, target('face', count, batch, hasEmotion), tau),
  };
}

function batches(options: TextStageOptions): (step: number) => Record<string, TensorData> {
  const { recipe, utterances, tokenizer, faces } = options;
  const { batch, augment } = recipe.textStage;
  const { maxTokens } = recipe.text;
  const drawText = weightedDraw(utterances.map((utterance) => utterance.weight));
  const drawFaces = faces === undefined ? undefined : faceBatches(faces, recipe.alignStage.faces);
  return (step) => {
    const draw = random(recipe.seed, faces === undefined ? 'text batch' : 'alignment batch', step);
    const said = Array.from({ length: batch }, () => utterances[drawText(draw)] as Utterance);
    const texts = said.map(({ text }) => augmentText(draw, text, augment));
    const emotions = said.map((utterance) => utterance.emotions ?? EMOTIONS.map(() => 0));
    return {
      ...textBatch(tokenizer, texts, maxTokens, maxTokens),
      emotion: floatRows(emotions),
      sentiment: floatRows(said.map(({ sentiment }) => sentimentRow(sentiment))),
      score: floatVector(said.map(({ score }) => score ?? 0)),
      has_emotion: floatVector(said.map((utterance) => Number(utterance.emotions !== undefined))),
      has_sentiment: floatVector(said.map(({ sentiment }) => Number(sentiment !== undefined))),
      has_score: floatVector(said.map(({ score }) => Number(score !== undefined))),
      ...drawFaces?.(draw, emotions),
    };
  };
}

function faceBatches({ embeddings, faces }: LockedFaces, count: number) {
  const { dimension, variants } = embeddings;
  const drawFace = weightedDraw(faces.map((face) => face.weight));
  return (draw: Random, emotions: readonly (readonly number[])[]): Record<string, TensorData> => {
    const shown = Array.from({ length: count }, () => drawFace(draw));
    const rows = new Float32Array(count * dimension);
    for (const [i, face] of shown.entries())
      rows.set(embeddingRow(embeddings, face * variants + draw.int(variants)), i * dimension);
    const labels = shown.map((face) => EMOTIONS.map((name) => Number(name === faces[face]?.emotion)));
    return {
      faces: floats(rows, [count, dimension]),
      ...affinity('face', labels, emotions),
      ...affinity('text', emotions, labels),
    };
  };
}
