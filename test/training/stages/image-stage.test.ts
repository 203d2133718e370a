import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initParams, type ParamStore } from '../../../models/graph/param.ts';
import { Graph } from '../../../models/graph/graph.ts';
import { imageEncoder } from '../../../models/encoders/image-encoder.ts';
import { apply } from '../../../models/graph/component.ts';
import { drawFaces, type Face } from '../../../training/pools/face-pool.ts';
import { smoke } from '../../../training/recipes/smoke.ts';
import type { ImageRound } from '../../../training/recipes/recipe.ts';
import { trainImageEncoder } from '../../../training/stages/image-stage.ts';
import { readEmotions } from '../../../training/stages/read-emotions.ts';
import { EMOTION_READ_OUT, readOut } from '../../../training/stages/read-outs.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-image-stage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { size } = smoke.image;
let faces: Face[];
beforeAll(async () => {
  faces = await drawFaces(24, { weight: 1, size });
});

describe('readEmotions', () => {
  it('gives the probabilities of each face, the same for its mirror image', async () => {
    const g = new Graph();
    const pixels = g.input('pixels', ['N', size, size, 3], 'uint8');
    readOut(g, EMOTION_READ_OUT, apply(g, imageEncoder(smoke.image), 'image', pixels), smoke.heads.emotions);
    const params = initParams(g, 3);
    const said = await readEmotions(smoke, params, faces, {});
    const ofMirrored = await readEmotions(smoke, params, faces.map(mirrored), {});
    expect(said).toHaveLength(faces.length * 7);
    for (const [i, probability] of said.entries()) expect(ofMirrored[i]).toBeCloseTo(probability, 5);
    const ofFirst = said.subarray(0, 7);
    expect(ofFirst.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(said.subarray(7, 14)).not.toEqual(ofFirst);
  });
});

describe('a round that is taught by the one before', () => {
  /** Two rounds, of which the first always sees the same labels. */
  const trained = async (name: string, taught: number, labels: readonly Face[]): Promise<ParamStore> => {
    const [first, second] = smoke.imageStage.rounds as readonly unknown[] as [ImageRound, ImageRound];
    const recipe = { ...smoke, imageStage: { ...smoke.imageStage, rounds: [first, { ...second, taught }] } };
    const checkpoint = { path: join(folder, `${name}.safetensors`), fingerprint: name };
    const stop = new AbortController();
    const begun = trainImageEncoder({
      recipe,
      faces,
      checkpoint,
      signal: stop.signal,
      onProgress: ({ step, steps }) => {
        if (step === steps) stop.abort();
      },
    });
    await expect(begun).rejects.toThrowError('aborted');
    return trainImageEncoder({ recipe, faces: labels, checkpoint });
  };
  const others = (): Face[] =>
    faces.map((face, i) => ({ ...face, emotion: (faces[(i + 5) % faces.length] as Face).emotion }));

  it('does not look at labels where it is taught alone', async () => {
    expect(await trained('alone, other labels', 1, others())).toEqual(await trained('alone', 1, faces));
  });

  it('learns from both where it is taught a share', async () => {
    expect(await trained('half, other labels', 0.5, others())).not.toEqual(await trained('half', 0.5, faces));
  });
});

function mirrored({ picture, ...face }: Face): Face {
  const { width, height, channels } = picture;
  const data = new Uint8Array(picture.data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        data[(y * width + x) * channels + c] = picture.data[(y * width + width - 1 - x) * channels + c] as number;
  return { ...face, picture: { ...picture, data } };
}
