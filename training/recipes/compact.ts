import { DEFAULT_ABSENCE } from '../../pipeline/absence/absence-masks.ts';
import { DEFAULT_CLIP } from '../augment/clips.ts';
import { DEFAULT_FACE_AUGMENT } from '../augment/face-config.ts';
import { DEFAULT_SCENE } from '../augment/scene-config.ts';
import { DEFAULT_TEXT_AUGMENT } from '../augment/text.ts';
import type { Recipe } from './recipe.ts';

const DIMENSION = 128;
const SLOTS = 8;

const READER = { width: 128, layers: 1, heads: 4, feedForward: 256, dimension: 128, dropout: 0.3 };

const FACES = { ...DEFAULT_FACE_AUGMENT, scene: 0.08, sceneScale: [0.5, 1] } as const;
const IMAGE_LOOP = {
  optimizer: { weightDecay: 0.05 },
  clipNorm: 2,
  averageDecay: 0.999,
  checkpointEvery: 250,
};

const TEXT_LOOP = {
  optimizer: { weightDecay: 0.05 },
  clipNorm: 2,
  averageDecay: 0.998,
  checkpointEvery: 250,
};

const FINDER_LOOP = { ...IMAGE_LOOP, optimizer: { weightDecay: 0.02 }, averageDecay: 0.998 };

/** What the face finder looks at beside faces put into pictures. */
export const PICTURES = {
  dataset: 'mvsa',
  n: 3600,
  sort: { face: 0.6, faceless: 0.15, smallest: 0.12 },
} as const;

/** The recipe of the bundled `undertone-compact`. */
export const compact: Recipe = {
  name: 'undertone-compact',
  version: '0.10.0',
  seed: 1,
  faces: [
    { dataset: 'fer2013', weight: 1 },
    { dataset: 'muxspace', weight: 0.4 },
  ],
  syntheticFaces: { n: 3500, weight: 0.6 },
  texts: [
    { dataset: 'goemotions', weight: 0.6 },
    { dataset: 'meld', weight: 1 },
    // Film reviews, rated on a scale of their own.
    { dataset: 'sst', weight: 1, scores: false },
    { dataset: 'mosei', weight: 3, taught: 0.5 },
    { dataset: 'mosi', weight: 3 },
  ],
  pairs: { dataset: 'mvsa', share: 0.2 },
  vocabulary: 8192,
  image: { size: 48, widths: [32, 64, 128], blocks: [1, 2, 2], placeChannels: 32, dimension: DIMENSION, dropout: 0.2 },
  text: {
    maxTokens: 40,
    branches: [READER, READER, READER, READER, READER],
    dimension: DIMENSION,
  },
  imageStage: {
    batch: 64,
    labelSmoothing: 0.1,
    augment: FACES,
    rounds: [
      {
        dropout: 0.2,
        augment: { ...DEFAULT_FACE_AUGMENT, scene: 0.2, sceneScale: [0.3, 1] },
        loop: { ...IMAGE_LOOP, schedule: { steps: 11_000, peak: 2e-3, warmup: 300, floor: 0.01 } },
      },
      {
        dropout: 0.1,
        augment: FACES,
        loop: { ...IMAGE_LOOP, schedule: { steps: 7000, peak: 1.5e-3, warmup: 200, floor: 0.01 } },
      },
      {
        dropout: 0.1,
        augment: FACES,
        loop: { ...IMAGE_LOOP, schedule: { steps: 5000, peak: 1.2e-3, warmup: 200, floor: 0.01 } },
      },
      {
        dropout: 0.1,
        augment: FACES,
        taught: 0.5,
        loop: { ...IMAGE_LOOP, schedule: { steps: 5000, peak: 1e-3, warmup: 200, floor: 0.01 } },
      },
    ],
  },
  finder: {
    model: { size: 96, widths: [16, 32, 48], blocks: [0, 1, 3] },
    batch: 64,
    scene: DEFAULT_SCENE,
    placeWeight: 1,
    backgrounds: PICTURES,
    rounds: [
      { ...FINDER_LOOP, schedule: { steps: 3600, peak: 3e-3, warmup: 100, floor: 0.01 } },
      { ...FINDER_LOOP, schedule: { steps: 3600, peak: 2.2e-3, warmup: 100, floor: 0.01 } },
    ],
    use: { fromSide: 80, frameSide: 240, minConfidence: 0.4 },
  },
  textStage: {
    batch: 64,
    augment: DEFAULT_TEXT_AUGMENT,
    weights: { emotion: 0.5, sentiment: 0.5, score: 0.5 },
    loop: { ...TEXT_LOOP, schedule: { steps: 6000, peak: 1.5e-3, warmup: 200, floor: 0.01 } },
    teacher: {
      corpus: { words: [3, 40], weight: 0.2 },
      round: {
        batch: 128,
        dropout: 0,
        loop: { ...TEXT_LOOP, schedule: { steps: 8000, peak: 4e-3, warmup: 200, floor: 0.01 } },
      },
      weight: 1,
      scores: { penalty: 5, folds: 5 },
    },
  },
  alignStage: {
    batch: 128,
    faces: 128,
    contrastive: 0.3,
    tau: 0.1,
    weights: { emotion: 0.5, sentiment: 0.5, score: 1 },
    loop: { ...TEXT_LOOP, schedule: { steps: 3000, peak: 1e-3, warmup: 100, floor: 0.01 } },
  },
  heads: {
    dimension: DIMENSION,
    slots: SLOTS,
    temporal: 128,
    pooling: 'gru',
    inference: 256,
    task: 128,
    emotions: 7,
    dropout: 0.2,
  },
  clips: {
    batch: 128,
    scored: 0.5,
    variants: 2,
    noise: { video: 0.7, text: 0.5 },
    composition: { ...DEFAULT_CLIP, variants: 2 },
    absence: { ...DEFAULT_ABSENCE, observed: 0.3, missing: { video: 0.15, text: 0.3 } },
    alpha: 0.2,
    tau: 0.1,
    symmetric: true,
    weights: { score: 1, sentiment: 0.5, emotion: 0.5 },
    loop: {
      schedule: { steps: 6000, peak: 1e-3, warmup: 200, floor: 0.01 },
      optimizer: { weightDecay: 0.02 },
      clipNorm: 2,
      averageDecay: 0.998,
      checkpointEvery: 500,
    },
  },
  window: { windowMs: 4000, hopMs: 250 },
};
