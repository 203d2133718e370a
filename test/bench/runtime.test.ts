import { describe, expect, it } from 'vitest';
import { writeTinyBundle } from '../support/tiny-bundle.ts';
import { measureRuntime } from './runtime.ts';

describe('measureRuntime', () => {
  it('measures the encoder alone and through the pool', async () => {
    const { dir } = await writeTinyBundle();
    const result = await measureRuntime({ bundle: dir, batchSizes: [1, 4], measureMs: 40, rounds: 1, inFlight: 8 });
    expect(Object.keys(result.rawFramesPerSecond)).toEqual(['1', '4']);
    const numbers = [
      result.bestRawFramesPerSecond,
      ...Object.values(result.pool.pixels),
      ...Object.values(result.pool.jpeg),
    ];
    expect(numbers.filter((number) => !(Number.isFinite(number) && number > 0))).toEqual([]);
  });
});
