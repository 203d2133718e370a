import { faceFinder, finderCells } from '../../models/encoders/face-finder.ts';
import { apply } from '../../models/graph/component.ts';
import type { Graph } from '../../models/graph/graph.ts';
import { add, concat, mul, reshape, scale, slice, square, sub, sum } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import type { TensorData } from '../../models/runtime/session.ts';
import { composeScene, type ScenePictures } from '../augment/scene.ts';
import type { Objective } from '../engine/compile-step.ts';
import type { LoopConfig } from '../engine/train-loop.ts';
import { crossEntropy, weightedMean } from '../losses/losses.ts';
import type { Face } from '../pools/face-pool.ts';
import { weightedDraw } from '../pools/weighted-draw.ts';
import type { FinderStageConfig } from '../recipes/recipe.ts';
import { floats } from './batch.ts';
import { finderTarget } from './finder-target.ts';
import type { StageOptions } from './stage-options.ts';
import { trainInRounds } from './train-in-rounds.ts';

export interface FinderStageOptions extends StageOptions {
  readonly finder: FinderStageConfig;
  readonly seed: number;
  readonly faces: readonly Face[];
  readonly pictures: ScenePictures;
}

/**
 * Trains the face finder on composed scenes: cross-entropy over the cells and "no face", and squared errors of place and
 * size where the faces are.
 *
 * @returns the averaged parameters
 */
export async function trainFinder(options: FinderStageOptions): Promise<ParamStore> {
  const { finder, seed, faces, pictures, ...stage } = options;
  const { rounds } = finder;
  const scenes = sceneBatches(finder, seed, faces, pictures);
  return trainInRounds({
    ...stage,
    seed,
    count: rounds.length,
    roundAt: (index) => {
      const before = rounds.slice(0, index).reduce((steps, { schedule }) => steps + schedule.steps, 0);
      return {
        objective: (g) => objective(g, finder),
        config: rounds[index] as LoopConfig,
        batch: (at) => scenes(before + at),
      };
    },
  });
}

function objective(g: Graph, { model, batch, placeWeight }: FinderStageConfig): Objective {
  const places = finderCells(model) ** 2;
  const pixels = g.input('pixels', [batch, model.size, model.size, 3], 'uint8');
  const cells = g.input('cells', [batch, places + 1]);
  const boxes = g.input('boxes', [batch, places, 3]);
  const found = apply(g, faceFinder(model), 'finder', pixels);
  const logits = reshape(g, slice(g, found, 2, 0, 1), [batch, places]);
  const none = g.constant(new Float32Array(batch), [batch, 1]);
  const where = crossEntropy(g, concat(g, [logits, none], 1), cells);
  const errors = sum(g, square(g, sub(g, slice(g, found, 2, 1, 4), boxes)), [2]);
  const place = sum(g, mul(g, errors, slice(g, cells, 1, 0, places)), [1]);
  const each = g.constant(new Float32Array(batch).fill(1), [batch]);
  return { loss: weightedMean(g, add(g, where, scale(g, place, placeWeight)), each) };
}

function sceneBatches(
  { model, batch, scene }: FinderStageConfig,
  seed: number,
  faces: readonly Face[],
  pictures: ScenePictures,
): (step: number) => Record<string, TensorData> {
  const { size } = model;
  const places = finderCells(model) ** 2;
  const drawFace = weightedDraw(faces.map((face) => face.weight));
  return (step) => {
    const draw = random(seed, 'finder batch', step);
    const pixels = new Uint8Array(batch * size * size * 3);
    const cells = new Float32Array(batch * (places + 1));
    const boxes = new Float32Array(batch * places * 3);
    for (let i = 0; i < batch; i++) {
      const { picture } = faces[drawFace(draw)] as Face;
      const made = composeScene(draw, picture, size, scene, pictures);
      const target = finderTarget(made.faces, finderCells(model));
      pixels.set(made.pixels, i * size * size * 3);
      cells.set(target.cells, i * (places + 1));
      boxes.set(target.boxes, i * places * 3);
    }
    return {
      pixels: { type: 'uint8', dims: [batch, size, size, 3], data: pixels },
      cells: floats(cells, [batch, places + 1]),
      boxes: floats(boxes, [batch, places, 3]),
    };
  };
}
