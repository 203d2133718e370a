import { describe, expect, it } from 'vitest';
import { CaptionMemory } from '../../../pipeline/memory/caption-memory.ts';
import { captionsIn } from '../../../pipeline/window.ts';
import type { Caption } from '../../../pipeline/protocol/index.ts';

/** Takes in a caption by its start; its text is its segment and revision. */
function take(memory: CaptionMemory, id: string, startMs: number, revision = 0): void {
  const text = `${id}${revision}`;
  memory.apply(
    { type: 'caption', segment_id: id, revision, text, is_final: true, start_ms: startMs, end_ms: startMs + 100 },
    0,
    false,
  );
}
const textsOf = (memory: CaptionMemory): string => memory.captions.map(({ text }) => text).join(' ');

describe('captions', () => {
  it('are in the order of their start, revisions included', () => {
    const memory = new CaptionMemory();
    for (const [id, startMs] of [
      ['b', 200],
      ['a', 100],
      ['c', 200],
    ] as const)
      take(memory, id, startMs);
    expect(textsOf(memory)).toBe('a0 b0 c0');
    take(memory, 'b', 200, 1);
    expect(textsOf(memory)).toBe('a0 b1 c0');
    take(memory, 'a', 300, 1);
    expect(textsOf(memory)).toBe('b1 c0 a1');
    memory.prune(350);
    expect(textsOf(memory)).toBe('a1');
  });

  it('that were forgotten ended by the time that is asked about, at most', () => {
    const memory = new CaptionMemory();
    for (let i = 0; i < 1030; i++) take(memory, `s${i}`, 60_000 + i);
    expect([59_999, 60_003, 60_500].map((endMs) => memory.observedMs(endMs))).toEqual([null, 60_003, 60_500]);
    expect(memory.observedMs(90_000)).toBe(61_129);
  });

  it.each([
    ['the same again', 'words', false, 'repeated'],
    ['one with other words', 'word', false, 'stale'],
    ['one that is final', 'words', true, 'stale'],
  ])('of a revision that is known, %s', (_name, text, isFinal, applied) => {
    const memory = new CaptionMemory();
    const known: Caption = {
      type: 'caption',
      segment_id: 'a',
      revision: 3,
      text: 'words',
      is_final: false,
      start_ms: 0,
      end_ms: 900,
    };
    memory.apply(known, 0, false);
    expect(memory.apply({ ...known, text, is_final: isFinal, end_ms: 1400 }, 0, false)).toBe(applied);
    expect(memory.captions).toMatchObject([{ text: 'words', is_final: false, end_ms: 900 }]);
  });

  it('are bounded, the oldest goes first', () => {
    const memory = new CaptionMemory();
    for (let i = 0; i < 1030; i++) take(memory, `s${i}`, 5000 - i);
    expect(memory.captions).toHaveLength(1024);
    expect(memory.captions.at(-1)?.segment_id).toBe('s6');
  });

  it.each([
    [0, 999, false],
    [0, 1000, true],
    [1099, 2000, true],
    [1100, 2000, false],
  ])('leave a hole in the windows that would show them: %i to %i ms, %s', (startMs, endMs, hole) => {
    const [shown, memory] = [new CaptionMemory(), new CaptionMemory()];
    take(shown, 'a', 1000);
    expect(captionsIn(shown.captions, { startMs, endMs }, 100)).toHaveLength(Number(hole));
    for (const caption of shown.captions) memory.inject(caption);
    expect(memory.isInjected({ startMs, endMs })).toBe(hole);
  });
});
