import { expect, it } from 'vitest';
import { measureTraining } from './engine.ts';

it('measures steps of both models', { timeout: 120_000 }, async () => {
  const { models } = await measureTraining({ measureMs: 1, rounds: 1, threads: 1 });
  expect(Object.keys(models)).toEqual(['mlp', 'transformer']);
  for (const { parameters, stepsPerSecond, inRuntime } of Object.values(models)) {
    expect(parameters).toBeGreaterThan(2e6);
    expect(stepsPerSecond).toBeGreaterThan(0);
    expect(inRuntime).toBeGreaterThan(0);
    expect(inRuntime).toBeLessThanOrEqual(1);
  }
});
