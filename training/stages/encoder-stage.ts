import type { TextTokenizer } from '../../models/encoders/tokenizer.ts';
import { imageEncoder } from '../../models/encoders/image-encoder.ts';
import { linearParams } from '../../models/encoders/layers.ts';
import { textEncoder, type TextEncoderConfig } from '../../models/encoders/text-encoder.ts';
import { apply } from '../../models/graph/component.ts';
import type { Graph, Value } from '../../models/graph/graph.ts';
import { add, linear, scale, select } from '../../models/graph/ops/index.ts';
import { declare, type ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { augmentFace } from '../augment/face.ts';
import { augmentText } from '../augment/text.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop, type LoopOptions } from '../engine/train-loop.ts';
import { crossEntropy, squaredError, supervisedContrastive, weightedMean } from '../losses/losses.ts';
import type { Face } from '../pools/face-pool.ts';
import { sentimentRow, type Utterance } from '../pools/text-pool.ts';
import { weightedDraw } from '../pools/weighted-draw.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { floatRows, floats, floatVector } from './batch.ts';

/** Factor on the unit-length embeddings before the linear read-outs, so that their first logits have some spread. */
const READ_OUT_SCALE = 8;

export interface EncoderStageOptions extends Pick<LoopOptions, 'checkpoint' | 'onProgress' | 'signal'> {
  readonly recipe: Recipe;
  readonly faces: readonly Face[];
  readonly utterances: readonly Utterance[];
  readonly tokenizer: TextTokenizer;
}

/**
 * Trains both encoders at once: emotion of faces, emotion, sentiment and score of texts, read out linearly with one
 * shared emotion read-out, and a supervised contrastive loss between faces and texts of like emotion, in both
 * directions. Gives the averaged parameters, read-outs included.
 */
export async function trainEncoders(options: EncoderStageOptions): Promise<ParamStore> {
  const { recipe, tokenizer } = options;
  const text = { ...recipe.text, vocabulary: tokenizer.vocabSize };
  const step = await compileStep((g) => encoderObjective(g, recipe, text), { seed: recipe.seed });
  try {
    return await trainLoop({
      step,
      config: recipe.encoders.loop,
      seed: recipe.seed,
      batch: encoderBatches(options),
      ...pick(options),
    });
  } finally {
    await step.close();
  }
}

function pick({ checkpoint, onProgress, signal }: EncoderStageOptions): Partial<LoopOptions> {
  return {
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(onProgress === undefined ? {} : { onProgress }),
    signal,
  };
}

function encoderObjective(g: Graph, { image, encoders, heads }: Recipe, text: TextEncoderConfig): Objective {
  const { imageBatch, textBatch, weights, tau } = encoders;
  const classes = heads.emotions;
  const pixels = g.input('pixels', [imageBatch, image.size, image.size, 3], 'uint8');
  const tokens = g.input('tokens', [textBatch, text.maxTokens], 'int64');
  const mask = g.input('mask', [textBatch, text.maxTokens]);
  const face = apply(g, imageEncoder(image), 'image', pixels);
  const said = apply(g, textEncoder(text), 'text', { tokens, mask });
  const readOut = declare(
    g,
    {
      emotion: linearParams(image.dimension, classes),
      sentiment: linearParams(image.dimension, 3),
      score: linearParams(image.dimension, 1),
    },
    'read_out',
  );
  const scaled = (x: Value): Value => scale(g, x, READ_OUT_SCALE);
  const faceEmotion = g.input('face_emotion', [imageBatch, classes]);
  const textEmotion = g.input('text_emotion', [textBatch, classes]);
  const textSentiment = g.input('text_sentiment', [textBatch, 3]);
  const textScore = g.input('text_score', [textBatch]);
  const has = (name: string): Value => g.input(name, [textBatch]);
  const hasEmotion = has('has_emotion');
  const everyFace = g.constant(new Float32Array(imageBatch).fill(1), [imageBatch]);
  const score = select(g, linear(g, scaled(said), readOut.score), 1, 0);
  const parts = {
    image: weightedMean(g, crossEntropy(g, linear(g, scaled(face), readOut.emotion), faceEmotion), everyFace),
    emotion: weightedMean(g, crossEntropy(g, linear(g, scaled(said), readOut.emotion), textEmotion), hasEmotion),
    sentiment: weightedMean(
      g,
      crossEntropy(g, linear(g, scaled(said), readOut.sentiment), textSentiment),
      has('has_sentiment'),
    ),
    score: weightedMean(g, squaredError(g, score, textScore), has('has_score')),
    faceToText: supervisedContrastive(g, face, said, contrastTarget(g, 'face', imageBatch, textBatch, hasEmotion), tau),
    textToFace: supervisedContrastive(g, said, face, contrastTarget(g, 'text', textBatch, imageBatch, everyFace), tau),
  };
  const weighted = [
    scale(g, parts.image, weights.imageEmotion),
    scale(g, parts.emotion, weights.textEmotion),
    scale(g, parts.sentiment, weights.textSentiment),
    scale(g, parts.score, weights.textScore),
    scale(g, add(g, parts.faceToText, parts.textToFace), weights.contrastive / 2),
  ];
  return { loss: weighted.reduce((a, b) => add(g, a, b)), metrics: parts };
}

function contrastTarget(g: Graph, name: string, rows: number, columns: number, visible: Value) {
  return {
    affinity: g.input(`${name}_affinity`, [rows, columns]),
    valid: g.input(`${name}_valid`, [rows]),
    columns: visible,
  };
}

function encoderBatches(options: EncoderStageOptions): (step: number) => Record<string, TensorData> {
  const { recipe, faces, utterances, tokenizer } = options;
  const { imageBatch, textBatch, labelSmoothing, faceAugment, textAugment } = recipe.encoders;
  const { size } = recipe.image;
  const { maxTokens } = recipe.text;
  const drawFace = weightedDraw(faces.map((face) => face.weight));
  const drawText = weightedDraw(utterances.map((utterance) => utterance.weight));
  return (step) => {
    const draw = random(recipe.seed, 'encoder batch', step);
    const shown = Array.from({ length: imageBatch }, () => faces[drawFace(draw)] as Face);
    const said = Array.from({ length: textBatch }, () => utterances[drawText(draw)] as Utterance);
    const pixels = new Uint8Array(imageBatch * size * size * 3);
    for (const [i, face] of shown.entries())
      pixels.set(augmentFace(draw, face.picture, size, faceAugment), i * size * size * 3);
    const tokens = new BigInt64Array(textBatch * maxTokens).fill(BigInt(tokenizer.padId));
    const mask = new Float32Array(textBatch * maxTokens);
    for (const [i, { text }] of said.entries()) {
      const ids = tokenizer.encode(augmentText(draw, text, textAugment), maxTokens);
      for (const [j, id] of ids.entries()) tokens[i * maxTokens + j] = BigInt(id);
      mask.fill(1, i * maxTokens, i * maxTokens + Math.max(1, ids.length));
    }
    const faceRows = shown.map(({ emotion }) => EMOTIONS.map((name) => Number(name === emotion)));
    const textRows = said.map(({ emotions }) => emotions ?? EMOTIONS.map(() => 0));
    return {
      pixels: { type: 'uint8', dims: [imageBatch, size, size, 3], data: pixels },
      tokens: { type: 'int64', dims: [textBatch, maxTokens], data: tokens },
      mask: floats(mask, [textBatch, maxTokens]),
      face_emotion: floatRows(faceRows.map((row) => smooth(row, labelSmoothing))),
      text_emotion: floatRows(textRows),
      text_sentiment: floatRows(said.map(({ sentiment }) => sentimentRow(sentiment))),
      text_score: floatVector(said.map(({ score }) => score ?? 0)),
      has_emotion: floatVector(said.map(({ emotions }) => Number(emotions !== undefined))),
      has_sentiment: floatVector(said.map(({ sentiment }) => Number(sentiment !== undefined))),
      has_score: floatVector(said.map(({ score }) => Number(score !== undefined))),
      ...affinity('face', faceRows, textRows),
      ...affinity('text', textRows, faceRows),
    };
  };
}

/** Rows of the inner products of label distributions, scaled to sum 1; a row that meets nothing is not valid. */
function affinity(name: string, rows: readonly (readonly number[])[], columns: readonly (readonly number[])[]) {
  const products = rows.map((row) => columns.map((column) => row.reduce((sum, p, k) => sum + p * (column[k] ?? 0), 0)));
  const sums = products.map((row) => row.reduce((a, b) => a + b, 0));
  return {
    [`${name}_affinity`]: floatRows(products.map((row, i) => row.map((p) => p / Math.max(sums[i] ?? 0, 1e-9)))),
    [`${name}_valid`]: floatVector(sums.map((sum) => Number(sum > 0))),
  };
}

function smooth(row: readonly number[], amount: number): number[] {
  return row.map((p) => p * (1 - amount) + amount / row.length);
}
