import type { Graph, Value } from '../../models/graph/graph.ts';
import { select } from '../../models/graph/ops/index.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { crossEntropy, squaredError, weightedMean } from '../losses/losses.ts';
import { sentimentRow, type Utterance } from '../pools/text-pool.ts';
import { floatRows, floatVector } from './batch.ts';
import { readOut } from './read-outs.ts';

export interface TextLosses {
  /** Losses of texts by their labels, the inputs of {@link textLabels}; each is the mean over the texts that have one. */
  readonly losses: { readonly emotion: Value; readonly sentiment: Value; readonly score: Value };
  /** [N], 1 where a text has an emotion. */
  readonly hasEmotion: Value;
}

/** Emotion, sentiment and score read out linearly from embeddings [N, d], with parameters below `name`. */
export function textLosses(g: Graph, name: string, said: Value): TextLosses {
  const batch = Number(said.shape[0]);
  const has = (label: string): Value => g.input(`has_${label}`, [batch]);
  const hasEmotion = has('emotion');
  const classify = (label: string, size: number, labelled: Value): Value => {
    const losses = crossEntropy(g, readOut(g, `${name}.${label}`, said, size), g.input(label, [batch, size]));
    return weightedMean(g, losses, labelled);
  };
  const score = select(g, readOut(g, `${name}.score`, said, 1), 1, 0);
  const losses = {
    emotion: classify('emotion', EMOTIONS.length, hasEmotion),
    sentiment: classify('sentiment', 3, has('sentiment')),
    score: weightedMean(g, squaredError(g, score, g.input('score', [batch])), has('score')),
  };
  return { losses, hasEmotion };
}

/** The labels of texts as inputs, and which of them there are. */
export function textLabels(said: readonly Utterance[]): Record<string, TensorData> {
  return {
    emotion: floatRows(said.map(emotionRow)),
    sentiment: floatRows(said.map(({ sentiment }) => sentimentRow(sentiment))),
    score: floatVector(said.map(({ score }) => score ?? 0)),
    has_emotion: floatVector(said.map(({ emotions }) => Number(emotions !== undefined))),
    has_sentiment: floatVector(said.map(({ sentiment }) => Number(sentiment !== undefined))),
    has_score: floatVector(said.map(({ score }) => Number(score !== undefined))),
  };
}

/** A text's distribution over emotions, or zeros. */
export function emotionRow({ emotions }: Utterance): readonly number[] {
  return emotions ?? EMOTIONS.map(() => 0);
}
