import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { caption, play } from '../support/scenario.ts';
import type { PipelineInput, SessionOptions } from '../../pipeline/frames.ts';
import type { FakeModel } from '../support/fake-model.ts';
import type { Played } from '../support/scenario.ts';

// Many sessions in a row; a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

const UNTIL_MS = 9000;
const live = (inputs: [number, PipelineInput][], options: Partial<SessionOptions> = {}): Promise<Played> =>
  play({ video: [[0, UNTIL_MS]], inputs, untilMs: UNTIL_MS }, { mode: 'live', ...options });
const textsOf = (model: FakeModel): string[] =>
  model.encoded.flatMap(({ input }) => (input.kind === 'text' ? [input.text] : []));
const times = ({ revised }: Played): number[] => revised.map(({ pts_ms: ptsMs }) => ptsMs);

describe('a correction', () => {
  it('reaches windows that ended while the words were being said, with the words said by then', async () => {
    const played = await live([
      [1100, caption('a', 'I hate', [500, 1100], { isFinal: false })],
      [2100, caption('a', 'I ate my lunch', [500, 2050], { revision: 1 })],
    ]);
    // 2,000 ms had shown two words, and the other two were not said yet.
    expect(times(played)).toEqual([1250, 1500, 1750, 2000]);
    expect(textsOf(played.model)).toEqual(['I hate', 'I ate my lunch', 'I ate']);
    for (const { supersedes, seq, modalities } of played.revised) {
      expect(supersedes).toBeLessThan(seq);
      expect(modalities.text).toMatchObject({ source: 'observed', is_final: true });
    }
  });

  it('of case and punctuation alone revises the windows after the words, and not those in their middle', async () => {
    const played = await live([
      [1100, caption('a', 'so i said', [500, 1100], { isFinal: false })],
      [1600, caption('a', 'so i said no', [500, 1550], { revision: 1 })],
      [2300, caption('a', 'So I said: no!', [500, 1550], { revision: 2 })],
    ]);
    expect(times(played)).toEqual([1750, 2000, 2250]);
    expect(textsOf(played.model).at(-1)).toBe('So I said: no!');
  });

  it.each([
    ['Chinese', '我喜欢这个', '我喜爱这个不对我讨厌', '我喜爱这个'],
    ['Japanese', 'すきです', 'きらいでした', 'きらいで'],
    ['Thai', 'ฉันรัก', 'ฉันรักเธอมาก', null],
  ])('in %s has no words in a window that were said after it', async (_, interim, final, expected) => {
    const played = await live([
      [900, caption('a', interim, [0, 900], { isFinal: false })],
      [1900, caption('a', final, [0, 1800], { revision: 1 })],
    ]);
    expect(times(played)).toEqual(expected === null ? [] : [1000, 1250, 1500, 1750]);
    expect(textsOf(played.model)).toEqual([interim, final, ...(expected === null ? [] : [expected])]);
  });

  it('takes late words back out of windows that had got them', async () => {
    const played = await live([
      [2100, caption('a', 'late words', [800, 1400])],
      [2600, caption('a', '', [800, 1400], { revision: 1 })],
    ]);
    expect(times(played)).toEqual([1500, 1750, 2000, 1500, 1750, 2000, 2250, 2500]);
    const never = await live([]);
    expect(newest(played)).toEqual(newest(never));
  });

  it('that is not final revises no window in the middle of the words', async () => {
    const played = await live([
      [1100, caption('a', 'I hate', [500, 1100], { isFinal: false })],
      [1600, caption('a', 'I ate my', [500, 1550], { revision: 1, isFinal: false })],
    ]);
    expect(times(played)).toEqual([]);
  });
});

describe('a correction that cannot be encoded', () => {
  // Windows of before the correction, and those that went out without words.
  const expected = [1250, 1500, 1750, 2000, 2250, 2500];
  it.each([
    ['other words', 'I ate lunch'],
    ['the same words again', 'I ate it'],
  ])('supersedes nothing and is warned of once; then %s revise', async (_, later) => {
    const said = (text: string, revision: number): PipelineInput => caption('a', text, [500, 1050], { revision });
    const script = { video: [[0, UNTIL_MS]] as [number, number][], untilMs: UNTIL_MS };
    const inputs: [number, PipelineInput][] = [
      [1100, said('I hate it', 0)],
      [2100, said('I ate it', 1)],
    ];
    const failing = (model: FakeModel): void => {
      model.failEncode = (__, input) =>
        input.kind === 'text' && input.text === 'I ate it' ? 'inference_overloaded' : undefined;
    };
    const failed = await play({ ...script, inputs }, { mode: 'live' }, {}, failing);
    expect(failed.revised).toEqual([]);
    expect(failed.problems.map(({ code }) => code)).toEqual(['inference_overloaded']);
    expect(failed.totals.revisions).toBe(0);

    const mended = await play(
      {
        ...script,
        inputs: [...inputs, [2600, said(later, 2)]],
        model: [[2550, (model) => (model.failEncode = undefined)]],
      },
      { mode: 'live' },
      {},
      failing,
    );
    expect(times(mended)).toEqual(expected);
    const first = new Map(mended.results.map(({ pts_ms: ptsMs, seq }) => [ptsMs, seq]));
    for (const { pts_ms: ptsMs, supersedes, modalities } of mended.revised) {
      expect(supersedes).toBe(first.get(ptsMs));
      expect(modalities.text?.source).toBe('observed');
    }
  });

  it('leaves a result as it is where the heads fail, too', async () => {
    const played = await play(
      {
        video: [[0, UNTIL_MS]],
        inputs: [
          [2100, caption('a', 'late words', [800, 1400])],
          [2200, caption('a', 'late words', [800, 1400], { revision: 1 })],
        ],
        model: [
          [2090, (model) => (model.failPredict = () => 'inference_crashed')],
          [2150, (model) => (model.failPredict = undefined)],
        ],
        untilMs: UNTIL_MS,
      },
      { mode: 'live' },
    );
    expect(times(played)).toEqual([1500, 1750, 2000]);
  });
});

describe('the allowed lateness', () => {
  const late: [number, PipelineInput][] = [[5100, caption('a', 'late words', [1000, 2000])]];

  it.each([
    [undefined, [2250, 2500, 2750, 3000, 3250, 3500, 3750, 4000, 4250, 4500, 4750, 5000]],
    [1000, [4250, 4500, 4750, 5000]],
    [0, []],
  ])('of %s ms', async (latenessMs, expected) => {
    const played = await live(late, latenessMs === undefined ? {} : { latenessMs });
    expect(times(played)).toEqual(expected);
  });
});

describe('many late captions', () => {
  /** Captions of one word each, `everyMs` apart from 5 s on, that end 2.9 s before they come. */
  const flood = (everyMs: number): [number, PipelineInput][] =>
    Array.from({ length: 3000 / everyMs }, (_, i) => {
      const nowMs = 5001 + i * everyMs;
      return [nowMs, caption(`s${i}`, `w${i}`, [nowMs - 2950, nowMs - 2900])];
    });
  const run = (inputs: [number, PipelineInput][], mode: 'live' | 'replay' = 'live'): Promise<Played> =>
    play({ video: [[0, UNTIL_MS]], inputs, untilMs: UNTIL_MS }, { mode, hopMs: 250 }, {}, (model) => {
      model.predictMs = 100;
    });

  it('skip no result, and cost no more predictions than there are places', async () => {
    const { results, revised, problems } = await run(flood(10));
    expect(problems).toEqual([]);
    expect(results.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([...Array(36).keys()].map((i) => 250 * (i + 1)));
    // 8 predictions of 100 ms at once; 300 captions that each revise a dozen windows would be 3,600.
    expect(revised.length).toBeLessThan(400);
  });

  it('supersede each other in a chain that ends with all words', async () => {
    const inputs = flood(10);
    const { results, revised } = await run(inputs);
    const newestOf = new Map(results.map(({ pts_ms: ptsMs, seq }) => [ptsMs, seq]));
    for (const { pts_ms: ptsMs, seq, supersedes } of revised) {
      expect(newestOf.get(ptsMs)).toBe(supersedes);
      newestOf.set(ptsMs, seq);
    }
    const onTime = await run(inputs.map(([, late]) => [late.kind === 'caption' ? late.caption.end_ms : 0, late]));
    const scoreOf = (played: Played, ms: number): unknown =>
      [...played.results, ...played.revised].findLast(({ pts_ms: ptsMs }) => ptsMs === ms)?.score;
    for (const ms of [5500, 6000, 7000]) expect(scoreOf({ ...onTime, results, revised }, ms)).toBe(scoreOf(onTime, ms));
  });

  it('are each predicted in replay', async () => {
    const [dropped, replayed] = [await run(flood(50)), await run(flood(50), 'replay')];
    // 60 captions that each revise a dozen windows.
    expect(replayed.revised.length).toBeGreaterThan(600);
    expect(dropped.revised.length).toBeLessThan(400);
  });
});

/** One utterance: its words, how it is recognised on the way, and how late the final one is. */
const utterance = fc.record({
  words: fc.integer({ min: 1, max: 5 }),
  interims: fc.array(fc.record({ at: fc.double({ min: 0.1, max: 1, noNaN: true }), wrong: fc.boolean() }), {
    maxLength: 4,
  }),
  lateMs: fc.integer({ min: 0, max: 2400 }),
  twice: fc.boolean(),
});
type Utterance = typeof utterance extends fc.Arbitrary<infer T> ? T : never;

const SPAN_MS = 1500;

/** Every word is unique; a wrong one ends in `x`. Times are off the frames' grid, so that no two things coincide. */
function inputsOf(utterances: readonly Utterance[], onTime: boolean): [number, PipelineInput][] {
  return utterances.flatMap(({ words, interims, lateMs, twice }, i): [number, PipelineInput][] => {
    const [startMs, endMs] = [i * SPAN_MS + 110, i * SPAN_MS + 1310];
    const text = (count: number, wrong = false): string =>
      Array.from({ length: count }, (_, j) => `s${i}w${j}${wrong ? 'x' : ''}`).join(' ');
    const id = `s${i}`;
    if (onTime) return [[endMs + 1, caption(id, text(words), [startMs, endMs])]];
    const said = interims
      .toSorted((a, b) => a.at - b.at)
      .map(({ at, wrong }, revision): [number, PipelineInput] => {
        const nowMs = Math.round(startMs + at * (endMs - startMs));
        const interim = text(Math.max(1, Math.round(at * words)), wrong);
        return [nowMs, caption(id, interim, [startMs, nowMs], { revision, isFinal: false })];
      });
    const finalMs = endMs + lateMs + 1;
    const last = caption(id, text(words), [startMs, endMs], { revision: interims.length });
    return [...said, [finalMs, last], ...(twice ? [[finalMs + 7, last] as [number, PipelineInput]] : [])];
  });
}

/** The newest score of every window. */
function newest({ results, revised }: Played): Map<number, number | null> {
  return new Map([...results, ...revised].map(({ pts_ms: ptsMs, score }) => [ptsMs, score]));
}

describe('whatever a recogniser says on the way', () => {
  const utterances = fc.array(utterance, { minLength: 1, maxLength: 4 });

  it('no word counts twice in a text', async () => {
    await fc.assert(
      fc.asyncProperty(utterances, async (said) => {
        const { model } = await live(inputsOf(said, false));
        for (const text of textsOf(model)) {
          const words = text.split(' ').map((word) => word.replace('x', ''));
          expect(new Set(words).size).toBe(words.length);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('windows that ended after the words are in the end what they would be with final captions on time', async () => {
    await fc.assert(
      fc.asyncProperty(utterances, async (said) => {
        const [late, onTime] = await Promise.all([live(inputsOf(said, false)), live(inputsOf(said, true))]);
        const settled = (ptsMs: number): boolean => {
          const inside = (ptsMs - 110) % SPAN_MS;
          return ptsMs > said.length * SPAN_MS || inside > 1200;
        };
        const [scores, expected] = [newest(late), newest(onTime)];
        expect(scores.size).toBe(expected.size);
        const ends = [...expected].filter(([ptsMs]) => settled(ptsMs));
        expect(ends.map(([ptsMs]) => [ptsMs, scores.get(ptsMs)])).toEqual(ends);
      }),
      { numRuns: 25 },
    );
  });
});
