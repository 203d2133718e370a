import { textAlignment } from '../../models/encoders/text-encoder.ts';
import { apply } from '../../models/graph/component.ts';
import { Graph, type Value } from '../../models/graph/graph.ts';
import { emitOnnx } from '../../models/graph/onnx/emit.ts';
import { add, scale } from '../../models/graph/ops/index.ts';
import type { ParamStore } from '../../models/graph/param.ts';
import { random } from '../../models/random.ts';
import { openSession, type TensorData } from '../../models/runtime/session.ts';
import { EMOTIONS } from '../datasets/emotions.ts';
import { compileStep, type Objective } from '../engine/compile-step.ts';
import { trainLoop } from '../engine/train-loop.ts';
import { supervisedContrastive } from '../losses/losses.ts';
import type { Face } from '../pools/face-pool.ts';
import type { Utterance } from '../pools/text-pool.ts';
import { weightedDraw } from '../pools/weighted-draw.ts';
import type { Recipe } from '../recipes/recipe.ts';
import type { Lessons } from '../teacher/lessons.ts';
import { affinity } from './affinity.ts';
import { floats } from './batch.ts';
import { embeddingRow, type Embeddings } from './embed-stage.ts';
import type { StageOptions } from './stage-options.ts';
import { taughtBy, teacherBatch, teacherDistance } from './teacher-loss.ts';
import { emotionRow, textLabels, textLosses } from './text-losses.ts';

export interface AlignStageOptions extends StageOptions {
  readonly recipe: Recipe;
  readonly utterances: readonly Utterance[];
  /** What the branches of the text encoder say of the utterances. */
  readonly said: Embeddings;
  readonly faces: readonly Pick<Face, 'emotion' | 'weight'>[];
  readonly shown: Embeddings;
  /** What the recipe's teacher says of the utterances. */
  readonly lessons?: Lessons | undefined;
}

/**
 * Trains the map from the text branches into the space of the faces: texts and faces of like emotion find each other, a
 * supervised contrastive loss in both directions, and emotion, sentiment, score and what the teacher says can still be
 * read. Image encoder and branches stay as they are (after locked-image tuning, Zhai et al., arXiv 2111.07991).
 *
 * @returns the averaged parameters of the map and of its read-outs
 */
export async function trainAlignment(options: AlignStageOptions): Promise<ParamStore> {
  const { recipe, threads, checkpoint, onProgress, signal } = options;
  const { seed, alignStage } = recipe;
  const step = await compileStep((g) => objective(g, options), { seed, threads });
  try {
    const batch = alignBatches(options);
    return await trainLoop({ step, config: alignStage.loop, seed, batch, checkpoint, onProgress, signal });
  } finally {
    await step.close();
  }
}

/** Embeddings of texts from what the branches say of them. */
export async function alignTexts(recipe: Recipe, params: ParamStore, said: Embeddings): Promise<Embeddings> {
  const g = new Graph();
  const branches = g.input('said', ['N', said.dimension]);
  g.output('embedding', apply(g, textAlignment(recipe.text), 'text.align', branches));
  const session = await openSession(emitOnnx(g, { params }), { threads: 1 });
  try {
    const { embedding } = await session.run({
      said: floats(said.rows, [said.rows.length / said.dimension, said.dimension]),
    });
    const rows = Float32Array.from(embedding?.data as Float32Array);
    return { rows, dimension: recipe.text.dimension, variants: said.variants };
  } finally {
    await session.close();
  }
}

function objective(g: Graph, options: AlignStageOptions): Objective {
  const { text, alignStage } = options.recipe;
  const { batch, faces: count, contrastive, tau, weights } = alignStage;
  const said = apply(g, textAlignment(text), 'text.align', g.input('said', [batch, options.said.dimension]));
  const shown = g.input('shown', [count, text.dimension]);
  const target = (name: string, rows: number, columns: number, visible: Value) => ({
    affinity: g.input(`${name}_affinity`, [rows, columns]),
    valid: g.input(`${name}_valid`, [rows]),
    columns: visible,
  });
  const { losses, hasEmotion } = textLosses(g, 'text_read_out.aligned', said);
  const everyFace = g.constant(new Float32Array(count).fill(1), [count]);
  const parts = {
    ...losses,
    textToFace: supervisedContrastive(g, said, shown, target('text', batch, count, everyFace), tau),
    faceToText: supervisedContrastive(g, shown, said, target('face', count, batch, hasEmotion), tau),
  };
  const weighted = [
    scale(g, parts.emotion, weights.emotion),
    scale(g, parts.sentiment, weights.sentiment),
    scale(g, parts.score, weights.score),
    scale(g, add(g, parts.textToFace, parts.faceToText), contrastive / 2),
  ];
  const taught = taughtBy(options);
  if (taught !== undefined) {
    const distance = teacherDistance(g, 'teacher_read_out.aligned', said, taught.lessons.dimension);
    weighted.push(scale(g, distance, taught.teacher.weight));
  }
  return { loss: weighted.reduce((a, b) => add(g, a, b)), metrics: parts };
}

function alignBatches(options: AlignStageOptions): (step: number) => Record<string, TensorData> {
  const { recipe, utterances, said, faces, shown } = options;
  const { batch, faces: count } = recipe.alignStage;
  const taught = taughtBy(options);
  const drawText = weightedDraw(utterances.map((utterance) => utterance.weight));
  const drawFace = weightedDraw(faces.map((face) => face.weight));
  return (step) => {
    const draw = random(recipe.seed, 'alignment batch', step);
    const rows = (from: Embeddings, items: readonly number[]): TensorData => {
      const data = new Float32Array(items.length * from.dimension);
      for (const [i, item] of items.entries())
        data.set(embeddingRow(from, item * from.variants + draw.int(from.variants)), i * from.dimension);
      return floats(data, [items.length, from.dimension]);
    };
    const texts = Array.from({ length: batch }, () => drawText(draw));
    const drawn = Array.from({ length: count }, () => drawFace(draw));
    const labelled = texts.map((text) => utterances[text] as Utterance);
    const emotions = labelled.map(emotionRow);
    const expressions = drawn.map((face) => EMOTIONS.map((name) => Number(name === faces[face]?.emotion)));
    return {
      said: rows(said, texts),
      shown: rows(shown, drawn),
      ...textLabels(labelled),
      ...(taught && teacherBatch(taught.lessons, texts)),
      ...affinity('text', emotions, expressions),
      ...affinity('face', expressions, emotions),
    };
  };
}
