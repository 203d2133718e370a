import { DEFAULT_SCENE } from '../augment/scene-config.ts';
import { compact } from './compact.ts';
import type { Recipe } from './recipe.ts';

const SHORT = {
  schedule: { steps: 40, peak: 3e-3, warmup: 5, floor: 0.01 },
  averageDecay: 0.9,
  checkpointEvery: 10,
};

const READER = { width: 16, layers: 1, heads: 2, feedForward: 32, dimension: 8, dropout: 0.1 };

/** The compact recipe at toy size: exercises every stage in seconds on a small data set; predicts poorly. */
export const smoke: Recipe = {
  ...compact,
  name: 'undertone-smoke',
  version: '0.0.1',
  faces: [{ dataset: 'fer2013', weight: 1 }],
  syntheticFaces: { n: 21, weight: 1 },
  texts: [
    { dataset: 'goemotions', weight: 1 },
    { dataset: 'mosei', weight: 1 },
  ],
  pairs: { dataset: 'mvsa', share: 0.2, texts: { weight: 1, branches: [1] } },
  vocabulary: 600,
  image: { size: 32, widths: [8, 16], blocks: [0, 1], placeChannels: 4, dimension: 16, dropout: 0 },
  text: {
    maxTokens: 16,
    branches: [READER, { ...READER, layers: 0, bigrams: { buckets: 64, width: 8 } }],
    dimension: 16,
  },
  imageStage: {
    ...compact.imageStage,
    batch: 16,
    rounds: compact.imageStage.rounds.map((round) => ({ ...round, loop: { ...round.loop, ...SHORT } })),
  },
  finder: {
    model: { size: 32, widths: [8, 8], blocks: [0, 1] },
    batch: 16,
    scene: DEFAULT_SCENE,
    placeWeight: 1,
    rounds: [
      { ...compact.textStage.loop, ...SHORT },
      { ...compact.textStage.loop, ...SHORT },
    ],
    use: { fromSide: 48, frameSide: 120, minConfidence: 0 },
  },
  textStage: {
    batch: 16,
    augment: { ...compact.textStage.augment, misheard: 0.05 },
    weights: compact.textStage.weights,
    loop: { ...compact.textStage.loop, ...SHORT },
  },
  alignStage: { ...compact.alignStage, batch: 16, faces: 16, loop: { ...compact.alignStage.loop, ...SHORT } },
  heads: { dimension: 16, slots: 4, temporal: 16, pooling: 'gru', inference: 32, task: 16, emotions: 7, dropout: 0 },
  clips: {
    ...compact.clips,
    batch: 16,
    loop: { ...compact.clips.loop, ...SHORT },
  },
};
