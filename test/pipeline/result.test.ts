import { describe, expect, it } from 'vitest';
import { softmax } from '../../models/softmax.ts';
import { presencePattern, temperatureFor } from '../../pipeline/result/calibration.ts';
import { Fidelity } from '../../pipeline/result/fidelity.ts';
import { Reservoir } from '../../pipeline/result/reservoir.ts';
import { cosine } from '../../models/cosine.ts';
import { meanVector } from '../../pipeline/result/mean-vector.ts';
import { caption, play, talk } from '../support/scenario.ts';
import type { ModalityProvenance, Source } from '../../pipeline/protocol/index.ts';

const part = (source: Source, coverage: number, fidelity: number | null = null): ModalityProvenance => ({
  source,
  coverage,
  fidelity,
  cause: null,
  age_ms: 0,
});

describe('temperatureFor', () => {
  const fidelity = { video: 0.5, text: 0.5 };
  const calibration = {
    'video=observed,text=observed': 1.5,
    'video=observed,text=virtual': 2,
    'video=virtual,text=observed': 3,
  };
  it.each([
    ['its own pattern', part('observed', 1), part('virtual', 0), 2],
    ['mostly observed', part('mixed', 0.5), part('virtual', 0), 2],
    ['mostly virtual', part('mixed', 0.25), part('observed', 1), 3],
    ['a pattern that nobody fitted', part('virtual', 0), part('virtual', 0), 1],
    ['synthesis as good as usual', part('observed', 1), part('virtual', 0, 0.5), 2],
    ['synthesis that fails this speaker', part('observed', 1), part('virtual', 0, -0.5), 3],
    ['synthesis that is perfect', part('observed', 1), part('virtual', 0, 1), 1.5],
    ['fidelity of what is observed', part('observed', 1, -1), part('observed', 1, 1), 1.5],
  ])('%s', (_, video, text, temperature) => {
    expect(temperatureFor({ calibration, fidelity }, { video, text })).toBeCloseTo(temperature, 12);
  });

  it('prefers a temperature fitted for mixed windows', () => {
    const modalities = { video: part('mixed', 0.5), text: part('observed', 1) };
    expect(presencePattern(modalities)).toBe('video=mixed,text=observed');
    const fitted = { ...calibration, 'video=mixed,text=observed': 7 };
    expect(temperatureFor({ calibration: fitted, fidelity }, modalities)).toBe(7);
  });

  it('stays where the usual fidelity was not measured', () => {
    const modalities = { video: part('observed', 1), text: part('virtual', 0, -1) };
    expect(temperatureFor({ calibration, fidelity: {} }, modalities)).toBe(2);
  });
});

describe('fidelity', () => {
  it('leaves out what is not finite', () => {
    const fidelity = new Fidelity();
    fidelity.add({ video: NaN, text: 0.5 });
    expect([fidelity.of('video'), fidelity.of('text')]).toEqual([null, 0.5]);
    fidelity.add({ video: 1, text: NaN });
    expect([fidelity.of('video'), fidelity.of('text')]).toEqual([1, 0.5]);
  });
});

describe('softmax', () => {
  it.each([
    [[0, 0], 1, [0.5, 0.5]],
    [[1000, 0], 1, [1, 0]],
    [[Math.log(3), 0], 1, [0.75, 0.25]],
    [[2 * Math.log(3), 0], 2, [0.75, 0.25]],
  ])('of %j at %d', (logits, temperature, expected) => {
    for (const [i, p] of softmax(Float32Array.from(logits), temperature).entries())
      expect(p).toBeCloseTo(expected[i] ?? NaN, 6);
  });
});

describe('vectors', () => {
  it('have a cosine between -1 and 1, 0 for no direction', () => {
    const [a, b] = [Float32Array.of(3, 4), Float32Array.of(-6, -8)];
    expect([cosine(a, a), cosine(a, b), cosine(a, new Float32Array(2))]).toEqual([1, -1, 0]);
  });

  it('have a mean, zeros for none', () => {
    expect([...meanVector([Float32Array.of(1, 2), Float32Array.of(3, 6)], 2)]).toEqual([2, 4]);
    expect([...meanVector([], 2)]).toEqual([0, 0]);
  });
});

describe('Reservoir', () => {
  it('tells quantiles of the newest values', () => {
    const values = new Reservoir(4);
    expect(values.quantile(0.5)).toBeNull();
    for (const value of [100, 1, 2, 3, 4]) values.add(value);
    expect([values.quantile(0), values.quantile(0.5), values.quantile(0.95)]).toEqual([1, 2, 4]);
  });
});

it('everything tells numbers with six decimals at most, and shares still add up to one', async () => {
  const late = caption('late', 'another word', [13_000, 13_500]);
  const { outputs, results } = await play(
    {
      video: [
        [0, 4000],
        [12_000, 16_000],
      ],
      captions: talk(0, 12_000),
      inputs: [[14_600, late]],
      untilMs: 16_000,
    },
    { mode: 'live', smoothing: 0.3, counterfactuals: true },
  );
  const told = new Set(outputs.map(({ type }) => type));
  for (const type of ['sentiment.result', 'sentiment.revised', 'modality.reunion', 'metrics'] as const)
    expect(told).toContain(type);
  for (const output of outputs) expect(JSON.stringify(output).match(/\.\d{7,}/g)).toBeNull();
  for (const { probs, emotions } of results)
    for (const shares of [probs, emotions])
      expect(Math.abs(1 - Object.values(shares ?? { all: 1 }).reduce((sum, share) => sum + share, 0))).toBeLessThan(
        1e-5,
      );
  expect(results.some(({ score }) => score !== null && !Number.isInteger(score * 100))).toBe(true);
});
