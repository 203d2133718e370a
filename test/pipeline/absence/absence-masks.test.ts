import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { random } from '../../../models/random.ts';
import { DEFAULT_ABSENCE, absenceMasks } from '../../../pipeline/absence/absence-masks.ts';
import { SLOT_PATTERNS, slotMask } from '../../../pipeline/absence/slot-masks.ts';

const MODALITIES = [
  { name: 'video', slots: 8 },
  { name: 'text', slots: 1 },
] as const;

function missingShare(mask: Float32Array): number {
  return mask.filter((value) => value === 0).length / mask.length;
}

describe('slotMask', () => {
  it.each(SLOT_PATTERNS)('%s: only 0 and 1, exact at rates 0 and 1', (pattern) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 32 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (n, rate, seed) => {
          const mask = slotMask(random(seed), n, pattern, { rate });
          expect(mask).toHaveLength(n);
          expect(mask.every((value) => value === 0 || value === 1)).toBe(true);
          expect(missingShare(slotMask(random(seed), n, pattern, { rate: 0 }))).toBe(0);
          expect(missingShare(slotMask(random(seed), n, pattern, { rate: 1 }))).toBe(1);
        },
      ),
    );
  });

  it.each(SLOT_PATTERNS)('%s: the share missing is the rate', (pattern) => {
    for (const rate of [0.25, 0.5, 0.75]) {
      const stream = random(3, pattern, rate);
      const draws = Array.from({ length: 4000 }, () => missingShare(slotMask(stream, 8, pattern, { rate })));
      expect(draws.reduce((a, b) => a + b, 0) / draws.length).toBeCloseTo(rate, 1);
    }
  });

  it('bursts are as long as asked on average', () => {
    const mask = slotMask(random(5), 200_000, 'burst', { rate: 0.4, burstSlots: 5 });
    const bursts = mask.filter((value, i) => value === 0 && mask[i - 1] !== 0).length;
    expect((missingShare(mask) * mask.length) / bursts).toBeCloseTo(5, 0);
    expect(missingShare(mask)).toBeCloseTo(0.4, 1);
  });

  it('a blackout is one stretch anywhere, lateness the newest slots', () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 200; seed++) {
      const text = slotMask(random(seed), 8, 'blackout', { rate: 0.4 }).join('');
      expect(text).toMatch(/^1*0001*$/);
      starts.add(text.indexOf('0'));
    }
    expect(starts).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(slotMask(random(1), 8, 'late', { rate: 0.4 }).join('')).toBe('11111000');
  });
});

describe('absenceMasks', () => {
  it('never leaves nothing, and is the same for the same stream', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 16 }), (seed, slots) => {
        const modalities = [{ name: 'video', slots }, MODALITIES[1]];
        const { masks, pattern } = absenceMasks(random(seed), modalities);
        expect(Object.values(masks).some((mask) => mask.includes(1))).toBe(true);
        expect(masks['video']).toHaveLength(slots);
        expect(masks['text']).toHaveLength(1);
        expect(absenceMasks(random(seed), modalities)).toEqual({ masks, pattern });
      }),
    );
  });

  it('draws every pattern as often as its weight says', () => {
    const stream = random(11);
    const seen = new Map<string, number>();
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const { masks, pattern } = absenceMasks(stream, MODALITIES);
      seen.set(pattern, (seen.get(pattern) ?? 0) + 1);
      const observed = Object.fromEntries(Object.entries(masks).map(([name, mask]) => [name, mask.includes(1)]));
      const partly = !pattern.startsWith('missing:') && pattern !== 'observed';
      expect(observed['video']).toBe(pattern !== 'missing:video');
      expect(observed['text'] === true || partly || pattern === 'missing:text').toBe(true);
    }
    const { observed, missing, slots } = DEFAULT_ABSENCE;
    const weights = { observed, 'missing:video': missing['video'], 'missing:text': missing['text'], ...slots };
    for (const [pattern, weight] of Object.entries(weights))
      expect(Math.abs((seen.get(pattern) ?? 0) / n - (weight ?? 0))).toBeLessThan(0.015);
    expect(seen.size).toBe(7);
  });

  it('knows no modality by name and needs no second one', () => {
    const pulse = [{ name: 'pulse', slots: 4 }];
    for (let seed = 0; seed < 100; seed++) expect(absenceMasks(random(seed), pulse).masks['pulse']).toContain(1);
    const three = [...MODALITIES, ...pulse];
    const missing = { ...DEFAULT_ABSENCE.missing, pulse: 0.2 };
    const config = { ...DEFAULT_ABSENCE, missing };
    const patterns = new Set(Array.from({ length: 300 }, (_, i) => absenceMasks(random(i), three, config).pattern));
    expect(patterns).toContain('missing:pulse');
  });
});
