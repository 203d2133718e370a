import type { EmbeddingPairs } from '../../../training/foundation/pairs.ts';
import { unit } from '../../../training/foundation/pairs.ts';
import { random } from '../../../models/random.ts';

/** Pairs as a foundation model gives them: captions near their image in a space of their own, across a gap; scenes differ in five ways. */
export function pairsOf(count: number, dimension: number, captions = 3, seed = 1): EmbeddingPairs {
  const draw = random(seed, 'pairs');
  const vector = (scale: number): number[] => Array.from({ length: dimension }, () => scale * draw.normal());
  const [shared, apart] = [vector(1), vector(1)];
  const directions = Array.from({ length: 5 }, () => vector(0.8));
  const scenes = Array.from({ length: count }, () => {
    const scene = Array.from({ length: dimension }, () => 0);
    for (const direction of directions) {
      const amount = draw.normal();
      for (const [i, value] of direction.entries()) scene[i] = (scene[i] ?? 0) + amount * value;
    }
    return scene;
  });
  const near = (scene: readonly number[], offset: readonly number[], noise: number): Float32Array =>
    unit(Float32Array.from(vector(noise), (value, i) => value + (scene[i] ?? 0) + (offset[i] ?? 0)));
  return {
    dimension,
    images: scenes.map((scene) => near(scene, shared, 0.1)),
    captions: scenes.map((scene) => Array.from({ length: captions }, () => near(scene, apart, 0.9))),
  };
}
