import { imageEncoder } from '../../models/encoders/image-encoder.ts';
import { apply } from '../../models/graph/component.ts';
import type { Graph } from '../../models/graph/graph.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { augmentFace } from '../augment/face.ts';
import type { Objective } from '../engine/compile-step.ts';
import { crossEntropy, weightedMean } from '../losses/losses.ts';
import type { Face } from '../pools/face-pool.ts';
import { weightedDraw } from '../pools/weighted-draw.ts';
import type { ImageRound, Recipe } from '../recipes/recipe.ts';
import { floatRows } from './batch.ts';
import { readEmotions } from './read-emotions.ts';
import { EMOTION_READ_OUT, readOut } from './read-outs.ts';
import { smoothedLabel } from './smoothed-label.ts';
import type { StageOptions } from './stage-options.ts';
import { trainInRounds } from './train-in-rounds.ts';

export interface ImageStageOptions extends StageOptions {
  readonly recipe: Recipe;
  readonly faces: readonly Face[];
}

/**
 * Trains the image encoder on the emotion of faces, read out linearly from its embedding: cross-entropy with smoothed
 * labels, which also draws the embeddings of one emotion together (Müller et al., arXiv 1906.02629).
 *
 * @returns the averaged parameters of encoder and read-out
 */
export async function trainImageEncoder(options: ImageStageOptions): Promise<ParamStore> {
  const { recipe, faces, ...stage } = options;
  const { rounds } = recipe.imageStage;
  return trainInRounds({
    ...stage,
    seed: recipe.seed,
    count: rounds.length,
    roundAt: async (index, params) => {
      const round = rounds[index] as ImageRound;
      return {
        objective: (g) => objective(g, recipe, round),
        config: round.loop,
        batch: imageBatches(recipe, round, index, faces, await saidBefore(options, round, params)),
      };
    },
  });
}

/** What the round before says of the faces, where this one learns from it. */
async function saidBefore(
  { recipe, faces, threads, signal }: ImageStageOptions,
  { taught }: ImageRound,
  params: ParamStore | undefined,
): Promise<Float32Array | undefined> {
  return taught === undefined || params === undefined
    ? undefined
    : readEmotions(recipe, params, faces, { threads, signal });
}

function objective(g: Graph, { image, imageStage, heads }: Recipe, { dropout }: ImageRound): Objective {
  const { batch } = imageStage;
  const pixels = g.input('pixels', [batch, image.size, image.size, 3], 'uint8');
  const face = apply(g, imageEncoder({ ...image, dropout }), 'image', pixels);
  const logits = readOut(g, EMOTION_READ_OUT, face, heads.emotions);
  const losses = crossEntropy(g, logits, g.input('emotion', [batch, heads.emotions]));
  return { loss: weightedMean(g, losses, g.constant(new Float32Array(batch).fill(1), [batch])) };
}

function imageBatches(
  recipe: Recipe,
  { augment, taught = 0 }: ImageRound,
  round: number,
  faces: readonly Face[],
  said: Float32Array | undefined,
): (step: number) => Record<string, TensorData> {
  const { batch, labelSmoothing } = recipe.imageStage;
  const { size } = recipe.image;
  const drawFace = weightedDraw(faces.map((face) => face.weight));
  const target = (face: number): number[] => {
    const label = smoothedLabel((faces[face] as Face).emotion, labelSmoothing);
    if (said === undefined) return label;
    return label.map((p, i) => (1 - taught) * p + taught * (said[face * label.length + i] as number));
  };
  return (step) => {
    const draw = random(recipe.seed, 'image batch', round, step);
    const shown = Array.from({ length: batch }, () => drawFace(draw));
    const pixels = new Uint8Array(batch * size * size * 3);
    for (const [i, face] of shown.entries())
      pixels.set(augmentFace(draw, (faces[face] as Face).picture, size, augment), i * size * size * 3);
    return {
      pixels: { type: 'uint8', dims: [batch, size, size, 3], data: pixels },
      emotion: floatRows(shown.map(target)),
    };
  };
}
