import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { lossProcess } from '../../../pipeline/absence/loss-process.ts';
import type { Loss } from '../../../pipeline/protocol/index.ts';

const NONE: Loss = { rate: 0, burst_ms: 0, delay_ms: 0, freeze: false, seed: 7 };
const anyLoss = fc.record({
  rate: fc.double({ min: 0, max: 1, noNaN: true }),
  burst_ms: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5000 })),
  delay_ms: fc.constantFrom(0, 250),
  freeze: fc.boolean(),
  seed: fc.nat(),
});

/** True where lost, every `stepMs`. */
function sample(loss: Loss, items: number, stepMs: number): boolean[] {
  const fate = lossProcess(loss, 'video');
  return Array.from({ length: items }, (_, i) => fate(i * stepMs).action === 'drop');
}

function share(lost: readonly boolean[]): number {
  return lost.filter(Boolean).length / lost.length;
}

describe('actions', () => {
  it.each([
    ['no loss passes', {}, 'pass', 0],
    ['all loss drops', { rate: 1 }, 'drop', 0],
    ['all loss in bursts drops', { rate: 1, burst_ms: 500 }, 'drop', 0],
    ['no loss in bursts passes', { burst_ms: 500 }, 'pass', 0],
    ['delay', { delay_ms: 300 }, 'delay', 300],
    ['all loss drops, whatever the delay', { rate: 1, delay_ms: 300 }, 'drop', 0],
    ['freeze repeats instead of losing', { rate: 1, freeze: true }, 'freeze', 0],
    ['a frozen item is as late as the others', { rate: 1, freeze: true, delay_ms: 300 }, 'freeze', 300],
    ['freeze without loss passes', { freeze: true }, 'pass', 0],
  ] as const)('%s, at every time', (_, change, action, delayMs) => {
    const fate = lossProcess({ ...NONE, ...change }, 'video');
    fc.assert(
      fc.property(fc.maxSafeNat(), (ptsMs) => {
        expect(fate(ptsMs)).toEqual({ action, delayMs });
      }),
    );
  });
});

describe('a pure function of time', () => {
  it('does not depend on order, grouping or what else was asked', () => {
    fc.assert(
      fc.property(anyLoss, fc.array(fc.oneof(fc.nat(20_000), fc.maxSafeNat()), { minLength: 1 }), (loss, times) => {
        const one = lossProcess(loss, 'video');
        const forwards = times.map((t) => one(t).action);
        const backwards = times.toReversed().map((t) => lossProcess(loss, 'video')(t).action);
        expect(backwards.toReversed()).toEqual(forwards);
      }),
    );
  });

  it.each([
    ['bernoulli', 0],
    ['burst', 400],
  ])('%s differs by seed and by modality', (_, burst_ms) => {
    const fates = (seed: number, modality: string): string => {
      const fate = lossProcess({ ...NONE, rate: 0.5, burst_ms, seed }, modality);
      return Array.from({ length: 200 }, (__, i) => fate(i * 250).action).join('');
    };
    expect(fates(7, 'video')).toBe(fates(7, 'video'));
    expect(new Set([fates(7, 'video'), fates(8, 'video'), fates(7, 'text')]).size).toBe(3);
  });
});

describe('statistics', () => {
  it.each([0.05, 0.3, 0.5, 0.9])('independent loss of %f: share and runs', (rate) => {
    const n = 20_000;
    const lost = sample({ ...NONE, rate }, n, 250);
    const sd = Math.sqrt((rate * (1 - rate)) / n);
    expect(Math.abs(share(lost) - rate)).toBeLessThan(4 * sd);
    // Independent: after a loss the next is lost as often as ever.
    const next = lost.slice(1).filter((_, i) => lost[i]);
    expect(Math.abs(share(next) - rate)).toBeLessThan(4 * Math.sqrt((rate * (1 - rate)) / next.length));
  });

  it.each([
    [0.1, 500],
    [0.5, 500],
    [0.5, 2000],
    [0.8, 1000],
  ])('bursts: share %f lost, %i ms long on average', (rate, burst_ms) => {
    const stepMs = burst_ms / 50;
    const lost = sample({ ...NONE, rate, burst_ms }, 400_000, stepMs);
    // 8000 * rate bursts with exponential lengths: relative sd of a mean is 1 / sqrt(bursts), and twice that for shares.
    const bursts = lost.filter((value, i) => value && lost[i - 1] !== true).length;
    const expected = (400_000 * stepMs * rate) / burst_ms;
    expect(Math.abs(share(lost) - rate)).toBeLessThan((8 * rate) / Math.sqrt(expected));
    // Sampling at 1/50 of a burst merges gaps and misses bursts shorter than a step: a few percent.
    const meanMs = (lost.filter(Boolean).length * stepMs) / bursts;
    expect(meanMs / burst_ms).toBeGreaterThan(0.93);
    expect(meanMs / burst_ms).toBeLessThan(1.16);
  });
});
