import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { random } from '../../../models/random.ts';
import { EMOTIONS, type Emotion } from '../../../training/datasets/emotions.ts';
import { appearanceOf } from '../../../training/synthetic/appearance.ts';
import { REST, drawExpression, typicalExpression } from '../../../training/synthetic/expression.ts';
import { faceClip } from '../../../training/synthetic/face-clip.ts';
import { faceSvg } from '../../../training/synthetic/face-svg.ts';
import { motion } from '../../../training/synthetic/motion.ts';
import type { Pose } from '../../../training/synthetic/pose.ts';
import { render } from '../../../training/synthetic/render.ts';
import { RESERVED_SEEDS, SAMPLE_SEED, trainingSeed } from '../../../training/synthetic/seeds.ts';
import { syntheticFaces } from '../../../training/synthetic/synthetic-faces.ts';

const SIZE = 64;
const STILL: Pose = { expression: REST, blink: 0, speech: 0, x: 0, y: 0, roll: 0, yaw: 0, pitch: 0, zoom: 1 };

async function draw(seed: number, emotion: Emotion, pose = STILL): Promise<Uint8Array> {
  const svg = faceSvg(
    appearanceOf(seed),
    { ...pose, expression: typicalExpression(emotion) },
    { width: SIZE, height: SIZE },
  );
  return (await render(svg)).data;
}

/** Mean absolute difference of two pictures in a share of their height. */
function difference(a: Uint8Array, b: Uint8Array, from = 0, to = 1): number {
  const [start, end] = [Math.floor(from * SIZE) * SIZE * 3, Math.floor(to * SIZE) * SIZE * 3];
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.abs((a[i] as number) - (b[i] as number));
  return sum / (end - start);
}

describe('drawn faces', () => {
  it('every emotion of a person looks different from every other', async () => {
    const pictures = await Promise.all(EMOTIONS.map((emotion) => draw(5, emotion)));
    for (const [i, a] of pictures.entries())
      for (const [j, b] of pictures.entries()) expect(difference(a, b) > 0.4).toBe(i !== j);
  });

  it('people differ more than emotions do', async () => {
    const [a, b, happy] = await Promise.all([draw(1, 'neutral'), draw(2, 'neutral'), draw(1, 'happy')]);
    expect(difference(a, b)).toBeGreaterThan(3 * difference(a, happy));
  });

  it.each([
    ['a blink closes the eyes', { blink: 1 }, 0.4, 0.6],
    ['speech opens the mouth', { speech: 1 }, 0.65, 0.95],
  ])('%s and leaves the rest', async (_, change, from, to) => {
    const [still, changed] = await Promise.all([draw(3, 'neutral'), draw(3, 'neutral', { ...STILL, ...change })]);
    expect(difference(still, changed, from, to)).toBeGreaterThan(0.8);
    expect(difference(still, changed, 0, 0.3)).toBeLessThan(0.05);
  });

  it('any person, expression and pose is a picture', async () => {
    const share = fc.double({ min: -1.3, max: 1.3, noNaN: true });
    const pose = fc.record({ blink: share, speech: share, x: share, y: share, roll: share, yaw: share, pitch: share });
    const expression = fc.record(Object.fromEntries(Object.keys(REST).map((key) => [key, share])));
    await fc.assert(
      fc.asyncProperty(fc.nat(), pose, expression, async (seed, drawn, e) => {
        const svg = faceSvg(
          appearanceOf(seed),
          { ...STILL, ...drawn, expression: { ...REST, ...e } },
          { width: 40, height: 30 },
        );
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        expect((await render(svg)).data).toHaveLength(40 * 30 * 3);
      }),
      { numRuns: 40 },
    );
  });

  it('a weak expression is nearer to rest than a strong one', () => {
    for (const emotion of EMOTIONS.filter((name) => name !== 'neutral')) {
      const size = (intensity: number): number =>
        Object.values(drawExpression(random(1), emotion, intensity)).reduce((sum, v) => sum + Math.abs(v), 0);
      expect(size(0.3)).toBeLessThan(size(1));
    }
  });
});

describe('motion', () => {
  const moods = [
    { emotion: 'neutral', startMs: 0 },
    { emotion: 'happy', startMs: 4000 },
  ] as const;
  const poseAt = motion({ seed: 1, moods, durationMs: 9000, speech: [{ startMs: 5000, endMs: 6000 }], typical: true });

  it('expressions set in and hold', () => {
    const corners = [3900, 4100, 4300, 4700, 8000].map((timeMs) => poseAt(timeMs).expression.corner);
    expect(corners.slice(0, 4)).toEqual(corners.slice(0, 4).toSorted((a, b) => a - b));
    expect(Math.abs(corners[0] as number)).toBeLessThan(0.05);
    expect(corners[3]).toBeGreaterThan(0.85);
    expect(corners[4]).toBeGreaterThan(0.85);
  });

  it('speaks only while it has something to say, and blinks now and then', () => {
    const poses = Array.from({ length: 900 }, (_, i) => ({ timeMs: i * 10, pose: poseAt(i * 10) }));
    const speaking = poses.filter(({ pose }) => pose.speech > 0).map(({ timeMs }) => timeMs);
    expect(Math.min(...speaking)).toBeGreaterThanOrEqual(5000);
    expect(Math.max(...speaking)).toBeLessThan(6000);
    expect(Math.max(...poses.map(({ pose }) => pose.speech))).toBeGreaterThan(0.4);
    const blinks = poses.filter(({ pose }, i) => pose.blink > 0 && poses[i - 1]?.pose.blink === 0);
    expect(blinks.length).toBeGreaterThanOrEqual(1);
    expect(blinks.length).toBeLessThanOrEqual(5);
    expect(poses.every(({ pose }) => pose.blink >= 0 && pose.blink <= 1)).toBe(true);
  });
});

describe('clips', () => {
  it('has its frames at their times, and is the same twice', async () => {
    const options = { emotion: 'sad', seed: 9, seconds: 0.5, fps: 8, size: { width: 32, height: 24 } } as const;
    const read = async (): Promise<{ timeMs: number; data: Uint8Array }[]> => {
      const frames = [];
      for await (const frame of faceClip(options).frames()) frames.push(frame);
      return frames;
    };
    const frames = await read();
    expect(frames.map(({ timeMs }) => timeMs)).toEqual([0, 125, 250, 375]);
    expect(frames.every(({ data }) => data.length === 32 * 24 * 3)).toBe(true);
    expect(await read()).toEqual(frames);
    expect(frames[0]?.data).not.toEqual(frames[3]?.data);
  });
});

describe('faces for training', () => {
  it('come in the order of the emotions and depend on the index alone', async () => {
    const faces = [];
    for await (const face of syntheticFaces({ n: 15, size: 32 })) faces.push(face);
    expect(faces.map(({ emotion }) => emotion)).toEqual([...EMOTIONS, ...EMOTIONS, 'angry']);
    expect(faces.map(({ seed }) => seed)).toEqual(Array.from({ length: 15 }, (_, i) => Math.floor(i / 7)));
    expect(new Set(faces.map(({ data }) => data.join())).size).toBe(15);
    for await (const face of syntheticFaces({ n: 2, first: 9, size: 32 }))
      expect(face).toEqual(faces[face.emotion === 'fear' ? 9 : 10]);
  });

  it('never show a reserved person', () => {
    expect(RESERVED_SEEDS).toContain(SAMPLE_SEED);
    const reserved = new Set(RESERVED_SEEDS);
    const seeds = Array.from({ length: 30_000 }, (_, i) => trainingSeed(i));
    expect(seeds.filter((seed) => reserved.has(seed))).toEqual([]);
    expect(new Set(seeds).size).toBe(30_000);
  });
});
