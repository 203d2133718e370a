import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headsGraph } from '../../../models/heads/heads-graph.ts';
import { emitOnnx } from '../../../models/graph/onnx/emit.ts';
import { random } from '../../../models/random.ts';
import { loadLocalModel, type LocalModel } from '../../../models/runtime/load-local-model.ts';
import { openSession } from '../../../models/runtime/session.ts';
import type { LabelledClip } from '../../../training/pools/clip-set.ts';
import type { PairSample } from '../../../training/pools/pair-pool.ts';
import { compact } from '../../../training/recipes/compact.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import { embeddingRow, type Embeddings } from '../../../training/stages/embed-stage.ts';
import { trainHeads } from '../../../training/stages/heads-stage.ts';
import { addPairs, type ClipMaterial } from '../../../training/stages/pairs-stage.ts';
import { syntheticFaces } from '../../../training/synthetic/synthetic-faces.ts';

const D = compact.heads.dimension;
const composed: LabelledClip = {
  faces: new Int32Array(compact.heads.slots),
  utterance: 0,
  emotion: 'happy',
  hasEmotion: true,
  sentiment: 'positive',
  score: undefined,
};

function material(variants: number): ClipMaterial {
  const rows = (n: number): Embeddings => ({ rows: new Float32Array(n * variants * D), dimension: D, variants });
  return { faces: rows(3), texts: rows(2), clips: () => composed };
}

describe('real pairs among composed clips', () => {
  const cache = mkdtempSync(join(tmpdir(), 'undertone-pairs-'));
  let model: LocalModel;
  let pairs: PairSample[];

  beforeAll(async () => {
    model = await loadLocalModel();
    const blank = { width: 320, height: 240, channels: 3, background: '#888' } as const;
    const empty = new Uint8Array(await sharp({ create: blank }).png().toBuffer());
    const pair = (id: string, text: string, image: Uint8Array, sentiment: PairSample['sentiment']): PairSample => ({
      id,
      split: 'train',
      text,
      image: () => image,
      sentiment,
    });
    pairs = [pair('face', 'what a day', await drawnFace(), 'positive'), pair('empty', 'so bored', empty, 'negative')];
  });
  afterAll(async () => {
    await model.close();
    rmSync(cache, { recursive: true, force: true });
  });

  it('points every slot to the picture, and to no video where no face is seen', async () => {
    const recipe = { ...compact, pairs: { dataset: 'mvsa', share: 1 } };
    const { faces, texts, clips } = await addPairs(material(2), { recipe, model, cache, pairs });
    const draw = random('pairs');
    const drawn = Array.from({ length: 40 }, () => clips(draw));
    const [shown, unseen] = ['positive', 'negative'].map((sentiment) =>
      drawn.find((clip) => clip.sentiment === sentiment),
    );
    expect(shown).toMatchObject({ emotion: undefined, hasEmotion: false, score: undefined });
    expect(shown?.faces).toHaveLength(recipe.heads.slots);
    expect(new Set(shown?.faces).size).toBe(1);
    const { embeddings } = await model.encodeImages('video', [
      { kind: 'image', bytes: pairs[0]?.image() ?? new Uint8Array() },
    ]);
    expect(embeddingRow(faces, shown?.faces[0] ?? -1)).toEqual(embeddings);
    expect(unseen?.faces).toHaveLength(0);
    for (const [clip, text] of [
      [shown, 'what a day'],
      [unseen, 'so bored'],
    ] as const) {
      const said = embeddingRow(texts, (clip?.utterance ?? -1) * 2);
      expect(said).toEqual(await model.encodeTexts('text', [text]));
    }
  });

  it('draws as many of them as the recipe says', async () => {
    const recipe = { ...compact, pairs: { dataset: 'mvsa', share: 0.25 } };
    const { clips } = await addPairs(material(1), { recipe, model, cache, pairs });
    const draw = random('share');
    const share = Array.from({ length: 2000 }, () => clips(draw)).filter((clip) => clip !== composed).length / 2000;
    expect(share).toBeCloseTo(0.25, 1);
  });

  it('draws none where there are none', async () => {
    const { clips } = await addPairs(material(1), { recipe: compact, model, cache, pairs: [] });
    expect(clips(random('none'))).toBe(composed);
  });
});

/** A drawn face as PNG. */
async function drawnFace(): Promise<Uint8Array> {
  for await (const { data, width, height } of syntheticFaces({ n: 1, size: 48 }))
    return new Uint8Array(
      await sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
  throw new Error('no face was drawn');
}

it('heads learn from the text of a pair without video, however often texts are dropped', async () => {
  const { slots, dimension } = smoke.heads;
  const texts: Embeddings = { rows: new Float32Array(2 * dimension), dimension, variants: 1 };
  texts.rows[0] = 1;
  texts.rows[dimension] = -1;
  const clip = (utterance: number): LabelledClip => ({
    ...composed,
    faces: new Int32Array(0),
    utterance,
    emotion: undefined,
    hasEmotion: false,
    sentiment: utterance === 0 ? 'positive' : 'negative',
  });
  const { loop } = smoke.clips;
  const recipe = {
    ...smoke,
    clips: {
      ...smoke.clips,
      noise: { video: 0, text: 0 },
      absence: {
        ...smoke.clips.absence,
        observed: 0,
        missing: { text: 1, video: 0 },
        slots: { bernoulli: 0, burst: 0, blackout: 0, late: 0 },
      },
      loop: { ...loop, schedule: { ...loop.schedule, steps: 120, peak: 1e-2 } },
    },
  };
  const params = await trainHeads({
    recipe,
    faces: { rows: new Float32Array(0), dimension, variants: 1 },
    texts,
    clips: (draw) => clip(draw.int(2)),
  });
  const session = await openSession(emitOnnx(headsGraph({ ...smoke.heads, fill: 'virtual' }), { params }));
  const { sentiment_logits: logits } = await session.run({
    video: { type: 'float32', dims: [2, slots, dimension], data: new Float32Array(2 * slots * dimension) },
    video_mask: { type: 'float32', dims: [2, slots], data: new Float32Array(2 * slots) },
    text: { type: 'float32', dims: [2, 1, dimension], data: texts.rows },
    text_mask: { type: 'float32', dims: [2, 1], data: new Float32Array(2).fill(1) },
  });
  await session.close();
  const [negative = 0, , positive = 0, otherNegative = 0, , otherPositive = 0] = [...(logits?.data ?? [])].map(Number);
  expect(positive - negative).toBeGreaterThan(2);
  expect(otherNegative - otherPositive).toBeGreaterThan(2);
});
