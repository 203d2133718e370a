import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captionsIn, fillSlots, joinText, packModality, slotsOf } from '../../pipeline/window.ts';
import type { FrameObservation, TimedText } from '../../pipeline/window.ts';

const seen = (ptsMs: number): FrameObservation => ({ ptsMs, embedding: Float32Array.of(ptsMs), cause: null });
const lost = (ptsMs: number): FrameObservation => ({ ptsMs, embedding: null, cause: 'injected' });
const coming = (ptsMs: number): FrameObservation => ({ ptsMs, embedding: null, cause: null });
const said = (start_ms: number, end_ms: number, text: string): TimedText => ({
  start_ms,
  end_ms,
  text,
});

describe('slotsOf', () => {
  it('cuts the window without gaps, its end included', () => {
    expect(slotsOf(4000, 2000, 4)).toEqual([
      { startMs: 2000, endMs: 2500 },
      { startMs: 2500, endMs: 3000 },
      { startMs: 3000, endMs: 3500 },
      { startMs: 3500, endMs: 4000 },
    ]);
  });
});

describe('the borders of slots', () => {
  it.each([1, 3, 7, 12, 15, 19, 29, 64])('%d of them: exact at both ends, without gaps', (count) => {
    for (const endMs of [1000, 12_345, 86_400_250]) {
      const slots = slotsOf(endMs, 1000, count);
      expect(slots[0]?.startMs).toBe(endMs - 1000);
      expect(slots.at(-1)?.endMs).toBe(endMs);
      expect(slots.slice(1).map(({ startMs }) => startMs)).toEqual(slots.slice(0, -1).map((slot) => slot.endMs));
    }
  });
});

describe('fillSlots', () => {
  const slots = slotsOf(2000, 2000, 4);
  it.each([
    ['nothing', [], [undefined, undefined, undefined, undefined]],
    ['one frame each', [seen(500), seen(1000), seen(1500), seen(2000)], [500, 1000, 1500, 2000]],
    ['the newest of a slot', [seen(510), seen(600), seen(900)], [undefined, 900, 900, undefined]],
    ['a frame on the border belongs to the slot that it ends', [seen(1000)], [undefined, 1000, 1000, undefined]],
    ['a frame later than the window', [seen(2001)], [undefined, undefined, undefined, undefined]],
    ['a hold of less than a slot', [seen(1), seen(1001)], [1, 1, 1001, 1001]],
    ['no hold beyond it', [seen(500)], [500, 500, undefined, undefined]],
    ['no hold over a loss in the slot', [seen(900), lost(1100)], [undefined, 900, -1100, undefined]],
    ['no hold over a later loss', [seen(900), lost(1000)], [undefined, 900, undefined, undefined]],
    ['an encoded frame before a lost one', [seen(600), lost(900)], [undefined, 600, undefined, undefined]],
    ['a hold while the own frame is coming', [seen(1400), coming(1900)], [undefined, undefined, 1400, 1400]],
    ['a frame that is coming', [coming(1900)], [undefined, undefined, undefined, -1900]],
    ['a loss rather than a frame that is coming', [lost(1800), coming(1900)], [undefined, undefined, undefined, -1800]],
  ])('%s', (_, frames, expected) => {
    const filled = fillSlots(frames, slots, 500);
    expect(filled.map((frame) => (frame?.embedding ? frame.ptsMs : frame && -frame.ptsMs))).toEqual(expected);
  });

  it('only ever shows frames of the slot or of the hold before it', () => {
    const frames = fc
      .uniqueArray(fc.integer({ min: 0, max: 6000 }), { maxLength: 40 })
      .chain((times) =>
        fc.tuple(...times.sort((a, b) => a - b).map((ms) => fc.constantFrom(seen(ms), lost(ms), coming(ms)))),
      );
    fc.assert(
      fc.property(frames, fc.integer({ min: 0, max: 6000 }), fc.integer({ min: 1, max: 12 }), (list, endMs, count) => {
        const cut = slotsOf(endMs, 3000, count);
        const filled = fillSlots(list, cut, 400);
        expect(filled).toHaveLength(count);
        for (const [i, frame] of filled.entries()) {
          const slot = cut[i];
          if (!slot) continue;
          const own = list.filter(({ ptsMs }) => ptsMs > slot.startMs && ptsMs <= slot.endMs);
          const newest = own.findLast(({ embedding }) => embedding);
          const inReach = frame === undefined || (frame.ptsMs > slot.startMs - 400 && frame.ptsMs <= slot.endMs);
          expect(inReach && (newest === undefined || frame === newest)).toBe(true);
        }
      }),
    );
  });
});

describe('the text of a window', () => {
  it.each([
    ['nothing', [], ''],
    ['in the order of their start', [said(900, 950, 'b'), said(100, 990, 'a')], 'a b'],
    ['not what has not begun', [said(1001, 1100, 'later')], ''],
    ['what begins at its end', [said(1000, 1000, 'now')], 'now'],
    ['not what ended before it', [said(-500, 0, 'old')], ''],
    ['what reaches into it', [said(-500, 1, 'old')], 'old'],
    ['not what says nothing', [said(100, 200, ''), said(300, 400, 'c d')], 'c d'],
  ])('%s', (_, captions, text) => {
    const byStart = captions.toSorted((a, b) => a.start_ms - b.start_ms);
    expect(joinText(captionsIn(byStart, { startMs: 0, endMs: 1000 }, 100), 100)).toBe(text);
  });

  it('is the same from the newest captions alone as from all', () => {
    const texts = fc.array(fc.stringMatching(/^([a-c]{1,4}( [a-c]{1,3})?)?$/), { maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 30 }), (words, maxLength) => {
        const captions = words.map((text, i) => said(i, 100, text));
        const all = captions.filter(({ text }) => text !== '');
        const some = captionsIn(captions, { startMs: 0, endMs: 100 }, maxLength);
        expect(joinText(some, maxLength)).toBe(joinText(all, maxLength));
      }),
    );
  });

  it('keeps the end of what is too long, cut between words', () => {
    expect(joinText([said(0, 1, 'one two three')], 9)).toBe('three');
    expect(joinText([said(0, 1, 'one two three')], 10)).toBe('two three');
    expect(joinText([said(0, 1, 'unbroken')], 4)).toBe('oken');
  });
});

describe('packModality', () => {
  it('puts embeddings in their rows and marks them', () => {
    const { embeddings, mask } = packModality([Float32Array.of(1, 2), null, Float32Array.of(3, 4)], 2);
    expect([...embeddings]).toEqual([1, 2, 0, 0, 3, 4]);
    expect([...mask]).toEqual([1, 0, 1]);
  });
});
