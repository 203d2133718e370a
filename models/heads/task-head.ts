import { linearParams } from '../encoders/layers.ts';
import { component } from '../graph/component.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { clip, dropout, gelu, linear, scale, select, tanh } from '../graph/ops/index.ts';

export interface TaskHeadConfig {
  /** Width of the joint representation. */
  readonly input: number;
  /** Hidden units. */
  readonly task: number;
  readonly emotions: number;
  readonly dropout: number;
}

export interface TaskHeadOutput {
  /** [N], in [-3, 3]. */
  readonly score: Value;
  /** [N], in [-6, 4]. */
  readonly logVariance: Value;
  /** [N, 3]. */
  readonly sentimentLogits: Value;
  /** [N, E]. */
  readonly emotionLogits: Value;
}

/** One hidden layer over a joint representation [N, I], and a read-out for each thing that is predicted. */
export function taskHead(config: TaskHeadConfig) {
  const { input, task, emotions } = config;
  const params = {
    hidden: linearParams(input, task),
    score: linearParams(task, 1, 0.3),
    logVariance: linearParams(task, 1, 0.3),
    sentiment: linearParams(task, 3, 0.3),
    emotion: linearParams(task, emotions, 0.3),
  };
  return component(params, (g, p, joint: Value): TaskHeadOutput => {
    const hidden = dropout(g, gelu(g, linear(g, joint, p.hidden)), config.dropout);
    return {
      score: scale(g, tanh(g, scale(g, column(g, linear(g, hidden, p.score)), 1 / 3)), 3),
      logVariance: clip(g, column(g, linear(g, hidden, p.logVariance)), -6, 4),
      sentimentLogits: linear(g, hidden, p.sentiment),
      emotionLogits: linear(g, hidden, p.emotion),
    };
  });
}

/** [N, 1] to [N]. */
function column(g: Graph, x: Value): Value {
  return select(g, x, 1, 0);
}
