import { apply } from '../graph/component.ts';
import { Graph } from '../graph/graph.ts';
import { trmlHeads, type HeadsConfig, type HeadsInput } from './trml.ts';

/** The inputs of heads in an inference graph, with the names of the bundle's contract. */
export function headsInput(g: Graph, { dimension, slots }: Pick<HeadsConfig, 'dimension' | 'slots'>): HeadsInput {
  return {
    video: g.input('video', ['N', slots, dimension]),
    videoMask: g.input('video_mask', ['N', slots]),
    text: g.input('text', ['N', 1, dimension]),
    textMask: g.input('text_mask', ['N', 1]),
  };
}

/** The heads as an inference graph with the names of the bundle's contract (models/bundle/manifest.ts). */
export function headsGraph(config: HeadsConfig): Graph {
  const g = new Graph();
  const out = apply(g, trmlHeads(config), 'heads', headsInput(g, config));
  g.output('score', out.score);
  g.output('log_variance', out.logVariance);
  g.output('sentiment_logits', out.sentimentLogits);
  g.output('emotion_logits', out.emotionLogits);
  g.output('virtual_video', out.virtualVideo);
  g.output('virtual_text', out.virtualText);
  return g;
}
