import { describe, expect, it } from 'vitest';
import { openSession } from '../../pipeline/session.ts';
import { corruptImage, fakeImage, fakeModel, hashEmbedding } from '../support/fake-model.ts';
import { caption, complaint, frame, play, talk } from '../support/scenario.ts';
import { settle, virtualClock } from '../support/virtual-clock.ts';
import type { PipelineInput, PipelineOutput } from '../../pipeline/frames.ts';
import type { SentimentResult } from '../../pipeline/protocol/index.ts';
import type { Played } from '../support/scenario.ts';
import type { FakeModel } from '../support/fake-model.ts';

const textsOf = (model: FakeModel): string[] =>
  model.encoded.flatMap(({ input }) => (input.kind === 'text' ? [input.text] : []));
const injected = (loss: object, modality = 'video'): PipelineInput => ({
  kind: 'modality',
  modality,
  loss: { rate: 0, burst_ms: 0, delay_ms: 0, freeze: false, seed: 1, ...loss },
});

/** What comes of a replay that loses half of its frames. */
async function lossy(seed: number): Promise<unknown> {
  const inputs: [number, PipelineInput][] = [[0, injected({ rate: 0.5, seed })]];
  const { totals, results } = await play({ video: [[0, 10_000]], inputs, untilMs: 10_000 }, { mode: 'replay' });
  return [totals, results.map(({ score, modalities }) => [score, modalities])];
}

const lastConfidence = (played: Played): number => played.results.at(-1)?.confidence ?? NaN;

describe('frames', () => {
  it.each([
    ['in order', [0, 250, 500], {}, []],
    ['one twice', [0, 250, 250], { out_of_order: 1 }, ['frame_order 2']],
    ['one late', [0, 500, 250, 750], { out_of_order: 1 }, ['frame_order 2']],
    ['one from the future', [0, 250, 4_000_000, 500], { out_of_order: 1 }, ['frame_order 2']],
    ['too many', [0, 50, 100, 150, 200, 250], { decimated: 4 }, []],
  ])('%s', async (_, times, dropped, problems) => {
    const inputs = times.map((ms, seq): [number, PipelineInput] => [seq, frame(seq, ms)]);
    const played = await play({ inputs, untilMs: 1000 }, { mode: 'replay' });
    expect(played.totals.frames).toMatchObject({ received: times.length, in_flight: 0, dropped });
    expect(played.problems.map(({ code, ref }) => `${code} ${ref}`)).toEqual(problems);
    expect(played.outputs.map(complaint).filter(Boolean)).toEqual([]);
  });

  it('newest wins while the encoder is busy, and what was dropped is counted', async () => {
    const played = await play({ video: [[0, 5000]], untilMs: 5000 }, { mode: 'live' }, {}, (model) => {
      model.encodeMs = 600;
    });
    const { received, encoded, dropped } = played.totals.frames;
    expect(received).toBe(20);
    expect(encoded).toBe(9);
    expect(dropped).toEqual({ superseded: 11 });
    expect(played.model.calls.mostEncoding).toBe(1);
    const times = played.results.map((result) => result.pts_ms);
    expect(times.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, i) => 250 * (i + 1)));
    expect(played.results.at(-1)?.modalities.video).toMatchObject({ source: 'mixed', cause: 'load_shed' });
  });

  it('a frame that waits for its turn gives it to the newest, so that what is encoded is fresh', async () => {
    const played = await play({ video: [[0, 5000]], untilMs: 5000 }, { mode: 'live' }, {}, (model) => {
      model.queueMs = 580;
      model.encodeMs = 20;
    });
    const { received, encoded, in_flight, dropped } = played.totals.frames;
    expect(received).toBe(20);
    expect(in_flight).toBe(0);
    expect(encoded + (dropped['superseded'] ?? 0)).toBe(20);
    expect(encoded).toBeLessThanOrEqual(9);
    expect(played.outputs.map(complaint).filter(Boolean)).toEqual([]);
    const steady = played.results.filter(({ pts_ms }) => pts_ms > 1000 && pts_ms < 5000);
    const age = (result: (typeof steady)[number]): number => result.modalities.video?.age_ms ?? Infinity;
    // Without it, the frame of a result is 600 ms old when it is encoded, and up to 1,200 when the next one is.
    expect(Math.min(...steady.map(age))).toBeLessThanOrEqual(250);
    expect(Math.max(...steady.map(age))).toBeLessThanOrEqual(900);
    expect(Math.max(...steady.map(({ latency_ms }) => latency_ms.queue))).toBeLessThan(260);
  });

  it('a corrupt image is reported with its number and loses nothing else', async () => {
    const played = await play(
      { video: [[0, 2000]], inputs: [[1130, frame(77, 1130, corruptImage())]], untilMs: 2000 },
      { mode: 'live' },
    );
    expect(played.problems).toEqual([
      { type: 'error', code: 'image_corrupt', message: expect.any(String), fatal: false, ref: 77 },
    ]);
    expect(played.totals.frames).toMatchObject({ received: 9, dropped: { decode_error: 1 } });
    expect(played.totals.errors).toBe(1);
    expect(played.results).toHaveLength(8);
  });

  it('waits for the frame of its own time, so that a result is fresh', async () => {
    const played = await play({ video: [[0, 5000]], untilMs: 5000 }, { mode: 'live' }, {}, (model) => {
      model.encodeMs = 40;
      model.predictMs = 5;
    });
    const steady = played.results.slice(0, -1);
    expect(steady.map((result) => result.modalities.video?.age_ms)).toEqual(steady.map(() => 0));
    expect(steady.map((result) => result.latency_ms.total)).toEqual(steady.map(() => 45));
  });
});

describe('the clock of the client', () => {
  it.each([
    ['runs 2 % slow', 1.02],
    ['runs 2 % fast', 0.98],
  ])('%s: frames stay in the window', async (_, factor) => {
    const inputs = Array.from({ length: 1600 }, (__, seq): [number, PipelineInput] => [
      Math.round(seq * 250 * factor),
      frame(seq, seq * 250),
    ]);
    const { results, totals } = await play({ inputs, untilMs: 400_000 * factor }, { mode: 'live' });
    const settled = results.filter(({ pts_ms: ptsMs }) => ptsMs > 4000 && ptsMs < 399_000);
    expect(settled.every(({ modalities }) => modalities.video?.source === 'observed')).toBe(true);
    expect(Math.max(...settled.map(({ modalities }) => modalities.video?.age_ms ?? Infinity))).toBeLessThan(800);
    expect(totals.frames.encoded).toBe(1600);
    expect(results.every(({ pts_ms: ptsMs }, i) => ptsMs === 250 * (i + 1))).toBe(true);
  });

  it('starts late: a burst of frames moves media time forward', async () => {
    const inputs = Array.from({ length: 40 }, (_, seq): [number, PipelineInput] => [
      Math.max(3000, seq * 250),
      frame(seq, seq * 250),
    ]);
    inputs[0] = [2900, frame(0, 0)];
    const { results } = await play({ inputs, untilMs: 10_000 }, { mode: 'live' });
    expect(results.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([...Array(40).keys()].map((i) => 250 * (i + 1)));
    expect(results.at(-1)?.modalities.video?.source).toBe('observed');
  });
});

describe('frames that are far behind', () => {
  const EPOCH_MS = 1_700_000_000_000;
  const talking = (from: number, to: number, everyMs: number): [number, PipelineInput][] =>
    Array.from({ length: (to - from) / everyMs }, (_, i) => {
      const nowMs = from + i * everyMs;
      return [nowMs, caption(`s${i}`, `words ${i}`, [EPOCH_MS + nowMs, EPOCH_MS + nowMs + (i === 0 ? 500 : 0)])];
    });

  it.each([
    ['that the captions go on with', 2000, EPOCH_MS],
    ['that nothing but the first caption is on', 60_000, EPOCH_MS],
  ])('on another clock than the one %s: results go on, and one warning says so', async (_, everyMs) => {
    const inputs = talking(0, 60_000, everyMs);
    const { results, problems, totals } = await play(
      { video: [[100, 60_000]], inputs, untilMs: 60_000 },
      { mode: 'live' },
    );
    expect(results.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual(
      Array.from({ length: 240 }, (__, i) => EPOCH_MS + 250 * (i + 1)),
    );
    expect(problems.map(({ code, ref }) => `${code} ${ref}`)).toEqual(['frame_order 0']);
    expect(problems[0]?.message).toContain('ms behind media time; use one clock for frames and captions');
    expect(totals.frames).toMatchObject({ received: 240, dropped: { late: 240 } });
  });

  it('20 s behind captions that are in time: results go on all the same', async () => {
    const captions = Array.from({ length: 20 }, (_, i): [number, PipelineInput] => [
      i * 2000,
      caption(`s${i}`, `words ${i}`, [20_000 + i * 2000 - 500, 20_000 + i * 2000]),
    ]);
    const { results } = await play({ video: [[100, 40_000]], inputs: captions, untilMs: 40_000 }, { mode: 'live' });
    const gaps = results.map(({ pts_ms: ptsMs }, i) => ptsMs - (results[i - 1]?.pts_ms ?? ptsMs - 250));
    expect(new Set(gaps)).toEqual(new Set([250]));
    expect(results.length).toBeGreaterThan(155);
  });

  it('are waited for, and warned of again after some were in time', async () => {
    const delayed = (from: number, to: number, lagMs: number): [number, PipelineInput][] =>
      Array.from({ length: (to - from) / 250 }, (_, i) => [
        from + i * 250,
        frame((from - lagMs) / 250 + i, from - lagMs + i * 250),
      ]);
    const { results, problems } = await play(
      {
        inputs: [...delayed(0, 5000, 0), ...delayed(25_000, 75_000, 20_000), ...delayed(95_000, 140_000, 40_000)],
        untilMs: 140_000,
      },
      { mode: 'live' },
    );
    expect(problems.map(({ code, ref }) => `${code} ${ref}`)).toEqual(['frame_order 20', 'frame_order 220']);
    expect(results.at(-1)?.modalities.video).toMatchObject({ source: 'observed', coverage: 1 });
  });

  it('because of an injected delay are nothing to warn of', async () => {
    const inputs: [number, PipelineInput][] = [[0, injected({ delay_ms: 6000 })]];
    const { problems, totals } = await play({ video: [[0, 9000]], inputs, untilMs: 12_000 }, { mode: 'live' });
    expect(problems).toEqual([]);
    // Those that would still wait at the end, too: none is kept until it is too late.
    expect(totals.frames.dropped).toEqual({ late: 36 });
  });
});

describe('inputs that are more than 10 s ahead', () => {
  /** Frames of 250 ms that come from `fromMs` on with times that are `leadMs` later. */
  const ahead = (leadMs: number, fromMs: number, toMs: number): [number, PipelineInput][] =>
    Array.from({ length: (toMs - fromMs) / 250 }, (_, i) => [
      fromMs + i * 250,
      frame(1000 + i, fromMs + leadMs + i * 250),
    ]);

  it('are right when there are no others for 10 s: media time leaps, and the hops on the way are left out', async () => {
    const { results, totals, problems } = await play(
      { video: [[0, 5000]], inputs: ahead(1e12, 5000, 25_000), untilMs: 25_000 },
      { mode: 'live' },
    );
    expect(totals.frames).toMatchObject({ received: 100, encoded: 60, dropped: { out_of_order: 40 } });
    expect(problems.map(({ code }) => code)).toEqual(['frame_order']);
    const times = results.map(({ pts_ms: ptsMs }) => ptsMs);
    const leap = times.findIndex((ms) => ms > 1e12);
    expect(times[leap]).toBe(1e12 + 15_000);
    expect(times).toEqual(times.map((_, i) => (i < leap ? 250 * (i + 1) : 1e12 + 15_000 + 250 * (i - leap))));
    expect(results.at(-1)?.modalities.video).toMatchObject({ source: 'observed' });
  });

  it('are refused for as long as others are not ahead', async () => {
    const captions = Array.from({ length: 10 }, (_, i): [number, PipelineInput] => [
      i * 2000 + 1950,
      caption(`s${i}`, 'words', [i * 2000 + 20_000, i * 2000 + 21_950]),
    ]);
    const { totals, problems } = await play(
      { video: [[0, 20_000]], inputs: captions, untilMs: 20_000 },
      { mode: 'live' },
    );
    expect(problems.map(({ code }) => code)).toEqual(captions.map(() => 'caption_order'));
    expect(totals.frames.encoded).toBe(80);
  });

  it('may follow a long caption that was the first media', async () => {
    const inputs = [
      [0, caption('a', 'a long sentence', [0, 15_000])] as [number, PipelineInput],
      ...ahead(15_000, 100, 5100),
    ];
    const { totals, problems, results } = await play({ inputs, untilMs: 5000 }, { mode: 'live' });
    expect(problems).toEqual([]);
    expect(totals.frames).toMatchObject({ received: 20, encoded: 20 });
    expect(results.at(-1)?.modalities.video).toMatchObject({ source: 'observed' });
  });
});

describe('a caption that moves media time forward', () => {
  it.each([
    ['brings the hops that it passes', 250, 36],
    ['leaves out the oldest where they are too many, which is no overload', 50, 64],
  ])('%s', async (_, hopMs, count) => {
    const inputs: [number, PipelineInput][] = [
      [0, caption('a', 'one', [0, 10])],
      [10, caption('b', 'two', [9000, 9010])],
    ];
    const { results, problems } = await play({ inputs, untilMs: 20 }, { mode: 'live', hopMs }, {}, (model) => {
      model.predictMs = 5;
    });
    expect(problems).toEqual([]);
    const passed = results.map(({ pts_ms: ptsMs }) => ptsMs).filter((ms) => ms <= 9000);
    expect(passed).toEqual(Array.from({ length: count }, (__, i) => 9000 - (count - 1 - i) * hopMs));
  });

  it('and does so again and again brings 64 hops at first, and then twice as many as time goes by', async () => {
    const inputs = Array.from({ length: 1000 }, (_, i): [number, PipelineInput] => [
      i * 10,
      caption(`s${i}`, '', [i * 10_010, i * 10_010]),
    ]);
    const { results, problems, totals } = await play({ inputs, untilMs: 9800 }, { mode: 'live', hopMs: 50 });
    expect(problems).toMatchObject([{ type: 'warning', code: 'media_too_fast' }]);
    expect(totals.media_ms).toBeGreaterThan(999 * 10_010);
    expect(results.length).toBeGreaterThan(400);
    expect(results.length).toBeLessThanOrEqual(64 + 2 * 200);
    const times = results.map(({ pts_ms: ptsMs }) => ptsMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('far, once, costs none of the hops after it', async () => {
    const inputs: [number, PipelineInput][] = [
      [0, caption('a', 'one', [0, 10])],
      [10, caption('b', 'two', [9999, 10_010])],
    ];
    const { results } = await play({ inputs, untilMs: 3000 }, { mode: 'live', hopMs: 50 });
    const passed = results.map(({ pts_ms: ptsMs }) => ptsMs).filter((ms) => ms > 6750);
    expect(passed).toEqual(Array.from({ length: passed.length }, (__, i) => 6800 + i * 50));
    expect(passed.at(-1)).toBeGreaterThan(12_900);
  });

  it('goes no further than it starts, however long it claims to be', async () => {
    const inputs: [number, PipelineInput][] = [[0, caption('a', 'one', [0, Number.MAX_SAFE_INTEGER])]];
    const { results, problems } = await play({ inputs, untilMs: 1000 }, { mode: 'live' });
    expect(problems.map(({ code }) => code)).toEqual(['caption_length']);
    expect(results).toHaveLength(4);
  });
});

describe('captions', () => {
  const growing: [number, PipelineInput][] = ['I', 'I am', 'I am not', 'I am not sure.'].map((text, revision) => [
    450 + revision * 250,
    caption('a', text, [250, 450 + revision * 250], { revision, isFinal: revision === 3 }),
  ]);

  it('interim words never count twice', async () => {
    const played = await play({ video: [[0, 3000]], inputs: growing, untilMs: 3000 }, { mode: 'live' });
    expect(new Set(textsOf(played.model))).toEqual(new Set(['I', 'I am', 'I am not', 'I am not sure.']));
    expect(played.results.map((result) => result.modalities.text?.is_final)).toEqual([
      true,
      false,
      false,
      false,
      ...Array.from({ length: 8 }, () => true),
    ]);
    expect(played.problems).toEqual([]);
  });

  it('many interim words before a hop are encoded one after the other, and the newest are there for the hop', async () => {
    const inputs = Array.from({ length: 200 }, (_, revision): [number, PipelineInput] => [
      revision * 20,
      caption('a', `word ${revision}`, [0, revision * 20], { revision, isFinal: false }),
    ]);
    const { model, results } = await play({ inputs, untilMs: 4000 }, { mode: 'live', hopMs: 2000 }, {}, (fake) => {
      fake.encodeMs = 100;
    });
    const texts = textsOf(model);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeLessThanOrEqual(2 * 21);
    expect(texts).toEqual(expect.arrayContaining(['word 99', 'word 199']));
    expect(results.map(({ modalities }) => modalities.text?.source)).toEqual(['observed', 'observed']);
  });

  it('a text is encoded once, however many windows show it', async () => {
    const played = await play({ captions: talk(0, 1000), video: [[0, 4000]], untilMs: 4000 }, { mode: 'live' });
    expect(textsOf(played.model)).toEqual(['words at 0']);
  });

  it.each([
    ['an older revision', caption('a', 'old', [500, 900], { revision: 1 }), ['caption_order a']],
    ['the same revision with other words', caption('a', 'other', [500, 900], { revision: 2 }), ['caption_order a']],
    ['the same again', caption('a', 'words', [500, 900], { revision: 2 }), []],
    [
      'the same revision, no longer final',
      caption('a', 'words', [500, 900], { revision: 2, isFinal: false }),
      ['caption_order a'],
    ],
    ['one from the future', caption('b', 'later', [20_000, 21_000]), ['caption_order b']],
  ])('%s changes nothing', async (_, again, problems) => {
    const inputs: [number, PipelineInput][] = [
      [950, caption('a', 'words', [500, 900], { revision: 2 })],
      [1450, again],
    ];
    const played = await play({ video: [[0, 3000]], inputs, untilMs: 3000 }, { mode: 'live' });
    expect(played.problems.map(({ code, ref }) => `${code} ${ref}`)).toEqual(problems);
    expect(textsOf(played.model)).toEqual(['words']);
    expect(played.revised).toEqual([]);
  });

  it('out of order are joined in the order of their start', async () => {
    const inputs: [number, PipelineInput][] = [
      [1900, caption('b', 'second', [1000, 1900])],
      [1950, caption('a', 'first', [0, 900])],
    ];
    const played = await play({ video: [[0, 3000]], inputs, untilMs: 3000 }, { mode: 'live' });
    expect(textsOf(played.model)).toContain('first second');
  });

  it('one that is too old for any result is refused', async () => {
    const inputs: [number, PipelineInput][] = [[9000, caption('a', 'long ago', [0, 900])]];
    const played = await play({ video: [[0, 9500]], inputs, untilMs: 9500 }, { mode: 'live' });
    expect(played.problems.map(({ code, ref }) => `${code} ${ref}`)).toEqual(['caption_order a']);
    expect(played.totals.captions).toBe(1);
  });
});

describe('revisions', () => {
  const late: [number, PipelineInput][] = [[2100, caption('a', 'late words', [800, 1400])]];

  it('a late caption revises the windows that ended after it, once each', async () => {
    const played = await play({ video: [[0, 4000]], inputs: late, untilMs: 4000 }, { mode: 'live' });
    const before = new Map(played.results.map((result) => [result.seq, result]));
    expect(played.revised.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([1500, 1750, 2000]);
    for (const revised of played.revised) {
      const original = before.get(revised.supersedes);
      expect(original?.pts_ms).toBe(revised.pts_ms);
      expect(original?.modalities.text?.source).toBe('virtual');
      expect(revised.modalities.text?.source).toBe('observed');
      expect(revised.score).not.toBe(original?.score);
    }
    const seqs = played.outputs.flatMap((output) => ('seq' in output ? [output.seq] : []));
    expect(seqs).toEqual(seqs.map((_, i) => i));
    expect(played.totals).toMatchObject({ results: 16, revisions: 3 });
    expect(played.outputs.map(complaint).filter(Boolean)).toEqual([]);
  });

  it('a correction supersedes the revision before it', async () => {
    const inputs: [number, PipelineInput][] = [
      ...late,
      [2200, caption('a', 'other words', [800, 1400], { revision: 1 })],
    ];
    const { revised } = await play({ video: [[0, 4000]], inputs, untilMs: 4000 }, { mode: 'live' });
    expect(revised.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([1500, 1750, 2000, 1500, 1750, 2000]);
    expect(revised.slice(3).map(({ supersedes }) => supersedes)).toEqual(revised.slice(0, 3).map(({ seq }) => seq));
  });

  it('reaches back the allowed lateness and no further', async () => {
    const inputs: [number, PipelineInput][] = [[7100, caption('a', 'very late', [1000, 2000])]];
    const { revised } = await play({ video: [[0, 8000]], inputs, untilMs: 8000 }, { mode: 'live' });
    expect(revised.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([4250, 4500, 4750, 5000, 5250, 5500, 5750]);
  });

  it('words that are still being said revise nothing', async () => {
    const inputs: [number, PipelineInput][] = [
      [1100, caption('a', 'I', [800, 1100], { isFinal: false })],
      [1600, caption('a', 'I am', [800, 1600], { revision: 1 })],
    ];
    const { revised } = await play({ video: [[0, 4000]], inputs, untilMs: 4000 }, { mode: 'live' });
    expect(revised).toEqual([]);
  });

  it('turns an insufficient window into a score', async () => {
    const { results, revised } = await play(
      { inputs: [[0, injected({ rate: 1 })], ...late], video: [[0, 4000]], untilMs: 4000 },
      { mode: 'live' },
    );
    const original = results.find(({ seq }) => seq === revised[0]?.supersedes);
    expect([original?.state, original?.score]).toEqual(['insufficient', null]);
    expect(revised[0]).toMatchObject({ state: 'degraded', score: expect.any(Number) });
  });
});

describe('reunion', () => {
  it('compares the last virtual embedding with the first observed one', async () => {
    const played = await play(
      {
        video: [
          [0, 5000],
          [12_000, 16_000],
        ],
        captions: talk(0, 16_000),
        untilMs: 16_000,
      },
      { mode: 'replay' },
    );
    expect(played.reunions).toHaveLength(1);
    const [reunion] = played.reunions;
    const before = played.results.find(({ pts_ms: ptsMs }) => ptsMs === 11_750);
    const after = played.results.find(({ pts_ms: ptsMs }) => ptsMs === 12_000);
    const away = played.results.find(({ modalities }) => modalities.video?.source === 'virtual');
    const virtual = hashEmbedding(
      `text:${textsOf(played.model).findLast((text) => text.endsWith('words at 10000'))}`,
      16,
    );
    const observed = hashEmbedding('video:image 20', 16);
    const dot = virtual.reduce((sum, value, i) => sum + value * (observed[i] ?? 0), 0);
    expect(reunion).toMatchObject({ modality: 'video', pts_ms: 12_000, gap_ms: 12_000 - (away?.pts_ms ?? 0) });
    expect(reunion?.cosine).toBeCloseTo(dot, 5);
    expect(reunion?.score_jump).toBeCloseTo((after?.score ?? 0) - (before?.score ?? 0), 5);
  });

  it('does not come for the first that is back when both were away', async () => {
    const played = await play(
      {
        video: [
          [0, 5000],
          [14_000, 19_000],
        ],
        captions: [...talk(0, 5000), ...talk(14_000, 19_000)],
        untilMs: 19_000,
      },
      { mode: 'live' },
    );
    expect(played.results.some(({ state }) => state === 'insufficient')).toBe(true);
    // Captions were gone a hop before frames and came back after them: there are scores without them, none without video.
    expect(played.reunions.map(({ modality }) => modality)).toEqual(['text']);
    const [reunion] = played.reunions;
    const scoreAt = (ms: number): number => played.results.find(({ pts_ms: ptsMs }) => ptsMs === ms)?.score ?? NaN;
    const backMs = reunion?.pts_ms ?? 0;
    expect(reunion?.score_jump).toBeCloseTo(scoreAt(backMs) - scoreAt(backMs - 250), 5);
  });

  it('does not come for a modality that is there for the first time', async () => {
    const { reunions } = await play(
      { video: [[0, 8000]], captions: talk(5000, 8000), untilMs: 8000 },
      { mode: 'live' },
    );
    expect(reunions).toEqual([]);
  });
});

describe('the model fails', () => {
  it.each(['inference_timeout', 'inference_crashed', 'inference_overloaded', 'something_else'])(
    'with %s: warned once, and results go on',
    async (code) => {
      const played = await play(
        {
          video: [[0, 8000]],
          untilMs: 8000,
          model: [
            [2100, (model) => (model.failPredict = () => code)],
            [4100, (model) => (model.failPredict = undefined)],
            [6100, (model) => (model.failPredict = () => code)],
          ],
        },
        { mode: 'live' },
      );
      const known = code === 'something_else' ? 'internal' : code;
      expect(played.problems.map((problem) => `${problem.type} ${problem.code}`)).toEqual([
        `warning ${known}`,
        `warning ${known}`,
      ]);
      expect(played.results.map((result) => result.pts_ms)).toEqual(
        [...Array(32).keys()].map((i) => 250 * (i + 1)).filter((ms) => ms < 2100 || (ms > 4100 && ms < 6100)),
      );
      expect(played.results.map((result) => result.seq)).toEqual(played.results.map((_, i) => i));
    },
  );

  it.each(['score', 'sentimentLogits', 'emotionLogits'] as const)(
    '%s is no number: no result is made up',
    async (field) => {
      const played = await play({ video: [[0, 2000]], untilMs: 2000 }, { mode: 'live' }, {}, (model) => {
        const predict = model.predict.bind(model);
        model.predict = async (window) => {
          const prediction = await predict(window);
          return { ...prediction, [field]: field === 'score' ? NaN : prediction[field].map(() => NaN) };
        };
      });
      expect(played.results).toEqual([]);
      expect(played.problems.map(({ code }) => code)).toEqual(['internal']);
    },
  );

  it('a text that cannot be encoded is load that was shed', async () => {
    const played = await play(
      { video: [[0, 4000]], captions: talk(0, 4000), untilMs: 4000 },
      { mode: 'live' },
      {},
      (model) => {
        model.failEncode = (modality) => (modality === 'text' ? 'inference_overloaded' : undefined);
      },
    );
    expect(played.results.at(-1)?.modalities.text).toMatchObject({
      source: 'virtual',
      cause: 'load_shed',
      coverage: 0,
      age_ms: null,
    });
    expect(played.problems.map(({ code }) => code)).toEqual(['inference_overloaded']);
    expect(played.results).toHaveLength(16);
  });

  it('predictions slower than the hop rate come out late, in order, and bounded', async () => {
    const played = await play({ video: [[0, 10_000]], untilMs: 10_000 }, { mode: 'live' }, {}, (model) => {
      model.predictMs = 900;
    });
    expect(played.results.map((result) => result.pts_ms)).toEqual([...Array(40).keys()].map((i) => 250 * (i + 1)));
    expect(played.model.calls.mostPredicting).toBeLessThanOrEqual(8);
  });

  it('hops are skipped with one warning, however many predictions come in between', async () => {
    const played = await play({ video: [[0, 120_000]], untilMs: 120_000 }, { mode: 'live' }, {}, (model) => {
      model.predictMs = 3000;
    });
    expect(played.results.length).toBeGreaterThan(200);
    expect(played.results.length).toBeLessThan(400);
    expect(played.problems.map(({ code }) => code)).toEqual(['inference_overloaded']);
  });

  it('far too slow, hops are skipped with a warning', async () => {
    const played = await play({ video: [[0, 40_000]], untilMs: 40_000 }, { mode: 'live' }, {}, (model) => {
      model.predictMs = 8000;
    });
    expect(played.problems.map(({ code }) => code)).toContain('inference_overloaded');
    expect(played.results.length).toBeGreaterThan(32);
    expect(played.results.length).toBeLessThan(160);
    const times = played.results.map((result) => result.pts_ms);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});

describe('injected loss', () => {
  it('is the same for the same seed, and counted', async () => {
    expect(await lossy(7)).toEqual(await lossy(7));
    expect(await lossy(7)).not.toEqual(await lossy(8));
  });

  it.each(['live', 'replay'] as const)('%s: half of the frames lost leaves marked holes', async (mode) => {
    const { totals, results } = await play(
      { video: [[0, 40_000]], inputs: [[0, injected({ rate: 0.5 })]], untilMs: 40_000 },
      { mode },
    );
    const { received, encoded, dropped } = totals.frames;
    expect(received).toBe(160);
    expect(dropped.injected).toBeGreaterThan(50);
    expect(encoded + (dropped.injected ?? 0)).toBe(received);
    expect(results.some(({ modalities }) => modalities.video?.cause === 'injected')).toBe(true);
  });

  it.each(['live', 'replay'] as const)('%s: delayed frames leave holes until they come', async (mode) => {
    const { totals, results } = await play(
      { video: [[0, 6000]], inputs: [[0, injected({ delay_ms: 1200 })]], untilMs: 6000 },
      { mode },
    );
    const at5s = results.find(({ pts_ms: ptsMs }) => ptsMs === 5000);
    expect(at5s?.modalities.video).toMatchObject({ source: 'mixed', cause: 'injected', age_ms: 1250 });
    expect(totals.frames.in_flight).toBe(0);
    expect(totals.frames.encoded + (totals.frames.dropped.injected ?? 0)).toBe(24);
  });

  it('frozen frames are observed, and marked', async () => {
    const { results, model } = await play(
      {
        video: [[0, 8000]],
        captions: talk(0, 8000),
        inputs: [[2100, injected({ rate: 1, freeze: true })]],
        untilMs: 8000,
      },
      { mode: 'live' },
    );
    expect(results.at(-1)?.modalities.video).toMatchObject({ source: 'observed', cause: 'injected', coverage: 1 });
    const images = model.encoded.flatMap(({ input }) =>
      input.kind === 'image' ? [new TextDecoder().decode(input.bytes)] : [],
    );
    expect(new Set(images)).toEqual(new Set([...Array(9).keys()].map((i) => `image ${i}`)));
  });

  it('a late caption is a revision', async () => {
    const { revised, totals } = await play(
      {
        video: [[0, 6000]],
        captions: talk(0, 1000),
        inputs: [[0, injected({ delay_ms: 700 }, 'text')]],
        untilMs: 6000,
      },
      { mode: 'live' },
    );
    expect(revised.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([1000, 1250, 1500]);
    expect(totals.captions).toBe(1);
  });

  it('ends when it is switched off', async () => {
    const { results } = await play(
      {
        video: [[0, 12_000]],
        captions: talk(0, 12_000),
        inputs: [
          [1000, injected({ rate: 1 })],
          [5000, { kind: 'modality', modality: 'video', loss: null }],
        ],
        untilMs: 12_000,
      },
      { mode: 'live' },
    );
    expect(results.at(-1)?.state).toBe('ok');
  });

  it('of a modality that is not there is an error', async () => {
    const { problems, totals } = await play(
      { video: [[0, 1000]], inputs: [[500, injected({ rate: 1 }, 'audio')]], untilMs: 1000 },
      { mode: 'live' },
    );
    expect(problems.map(({ type, code, ref }) => [type, code, ref])).toEqual([['error', 'unknown_modality', 'audio']]);
    expect(totals.errors).toBe(1);
  });
});

describe('scores', () => {
  const script = { video: [[0, 6000]] as [number, number][], captions: talk(0, 6000), untilMs: 6000 };

  it('are smoothed on request', async () => {
    const plain = await play(script, { mode: 'replay' });
    const smooth = await play(script, { mode: 'replay', smoothing: 0.8 });
    let expected = plain.results[0]?.score ?? 0;
    for (const [i, { score }] of plain.results.entries()) {
      if (i > 0) expected = 0.8 * expected + 0.2 * (score ?? 0);
      expect(smooth.results[i]?.score).toBeCloseTo(expected, 5);
    }
  });

  it('are smoothed in revisions with the newest score before them', async () => {
    const inputs: [number, PipelineInput][] = [[2100, caption('a', 'late words', [800, 1400])]];
    const run = (smoothing: number): Promise<Played> =>
      play({ video: [[0, 4000]], inputs, untilMs: 4000 }, { mode: 'live', smoothing });
    const [plain, smooth] = [await run(0), await run(0.5)];
    expect(plain.revised.length).toBeGreaterThan(1);
    const newest = (played: Played): (number | null)[] => {
      const scores = new Map([...played.results, ...played.revised].map(({ pts_ms: ptsMs, score }) => [ptsMs, score]));
      return [...scores].sort(([a], [b]) => a - b).map(([, score]) => score);
    };
    let expected: number | null = null;
    for (const [i, score] of newest(plain).entries()) {
      expected = expected === null ? score : 0.5 * expected + 0.5 * (score ?? NaN);
      expect(newest(smooth)[i]).toBeCloseTo(expected ?? NaN, 5);
    }
  });

  it('have a label and a confidence at the temperature of what was observed', async () => {
    const calibration = { 'video=observed,text=observed': 4, 'video=observed,text=virtual': 0.25 };
    const plain = await play(script, { mode: 'replay' });
    const warm = await play(script, { mode: 'replay' }, { calibration });
    const silent = { ...script, captions: [] };
    const cold = await play(silent, { mode: 'replay' }, { calibration });
    const coldPlain = await play(silent, { mode: 'replay' });
    expect(lastConfidence(warm)).toBeLessThan(lastConfidence(plain));
    expect(lastConfidence(cold)).toBeGreaterThan(lastConfidence(coldPlain));
    for (const { label, probs, confidence } of plain.results) {
      expect(confidence).toBe(Math.max(...Object.values(probs ?? {})));
      expect(probs?.[label ?? 'neutral']).toBe(confidence);
    }
  });

  it.each([
    ['well', 1],
    ['badly', -1],
  ])('are as certain as the synthesis does %s for this speaker', async (_, sign) => {
    const silence = { video: [[0, 12_000]] as [number, number][], captions: talk(0, 5000), untilMs: 12_000 };
    const run = (agreement: number): Promise<Played> =>
      play(silence, { mode: 'live' }, {}, (model) => {
        const predict = model.predict.bind(model);
        model.predict = async (window) => {
          const prediction = await predict(window);
          const virtual = Object.fromEntries(
            Object.keys(window).map((name) => [name, prediction.virtual[name]?.map(() => 0) ?? new Float32Array()]),
          );
          const text = model.encoded.findLast(({ input }) => input.kind === 'text')?.input;
          const spoken = text?.kind === 'text' ? hashEmbedding(`text:${text.text}`, 16) : new Float32Array(16);
          virtual['text'] = spoken.map((value) => agreement * value);
          return { ...prediction, virtual };
        };
      });
    const [measured, unknown] = [await run(sign), await run(0)];
    const [with_, without] = [measured.results.at(-1), unknown.results.at(-1)];
    expect(with_?.modalities.text).toMatchObject({ source: 'virtual', fidelity: expect.closeTo(sign, 5) });
    expect(without?.modalities.text?.fidelity).toBe(0);
    expect([with_?.score, with_?.label]).toEqual([without?.score, without?.label]);
    expect(Math.sign((with_?.confidence ?? 0) - (without?.confidence ?? 0))).toBe(sign);
    const observed = ({ results }: Played): unknown[] =>
      results.filter(({ state }) => state === 'ok').map(({ confidence }) => confidence);
    expect(observed(measured)).toEqual(observed(unknown));
  });

  it('measure the fidelity of synthesis every eighth window', async () => {
    const { results, model } = await play(script, { mode: 'replay' });
    const measured = results.filter(({ modalities }) => modalities.video?.fidelity !== null);
    expect(measured.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([4000, 4250, 4500, 4750, 5000, 5250, 5500, 5750, 6000]);
    expect(model.calls.predict).toBe(24 + 2 * 2);
    expect(measured.every(({ modalities }) => modalities.text?.fidelity !== null)).toBe(true);
  });
});

describe('other models', () => {
  it.each([
    ['video alone', [{ name: 'video', kind: 'image', slots: 4 }], 'ok'],
    ['captions alone', [{ name: 'words', kind: 'text', slots: 1 }], 'ok'],
    [
      'three modalities under other names',
      [
        { name: 'face', kind: 'image', slots: 4 },
        { name: 'scene', kind: 'image', slots: 2 },
        { name: 'words', kind: 'text', slots: 1 },
      ],
      'degraded',
    ],
  ] as const)('%s', async (_, modalities, state) => {
    const played = await play(
      { video: [[0, 6000]], captions: talk(0, 6000), untilMs: 6000 },
      { mode: 'replay' },
      { modalities },
    );
    expect(played.results.at(-1)?.state).toBe(state);
    expect(Object.keys(played.results.at(-1)?.modalities ?? {})).toEqual(modalities.map(({ name }) => name));
    expect(played.totals.frames.in_flight).toBe(0);
    expect(played.outputs.map(complaint).filter(Boolean)).toEqual([]);
  });
});

describe('metrics', () => {
  it('come once a second of wall time, live', async () => {
    const played = await play(
      { video: [[0, 5000]], captions: talk(0, 5000), untilMs: 5000 },
      { mode: 'live' },
      {},
      (model) => {
        model.encodeMs = 20;
        model.predictMs = 7;
      },
    );
    expect(played.metrics).toHaveLength(5);
    expect(played.metrics.at(-1)).toMatchObject({
      latency_ms: { encode: { p50: 20, p95: 20 }, predict: { p50: 7, p95: 7 }, total: { p50: 27 } },
      skew_ms: 250,
    });
  });

  it('do not come in replay', async () => {
    const played = await play({ video: [[0, 5000]], untilMs: 5000 }, { mode: 'replay' });
    expect(played.metrics).toEqual([]);
  });
});

describe('closing', () => {
  it('finishes what is under way, stops every timer and can be repeated', async () => {
    const clock = virtualClock();
    const model = fakeModel({ clock });
    model.encodeMs = 80;
    model.predictMs = 50;
    const session = openSession(model, { mode: 'live', clock });
    const outputs: (PipelineOutput | 'end')[] = [];
    session.outputs.subscribe({ next: (output) => outputs.push(output), complete: () => outputs.push('end') });
    void session.push({ kind: 'frame', seq: 0, ptsMs: 0, image: fakeImage(0) });
    await clock.advance(260);
    void session.push({ kind: 'frame', seq: 1, ptsMs: 260, image: fakeImage(1) });
    const closing = session.close();
    expect(session.close()).toBe(closing);
    await clock.advance(500);
    const totals = await closing;
    expect(totals.frames).toEqual({ received: 2, encoded: 2, in_flight: 0, dropped: {} });
    expect(totals.results).toBe(1);
    expect(outputs.at(-1)).toBe('end');
    expect(clock.pending()).toBe(0);

    await session.push({ kind: 'frame', seq: 2, ptsMs: 600, image: fakeImage(2) });
    await session.finalize();
    expect(session.totals().frames).toEqual({ received: 3, encoded: 2, in_flight: 0, dropped: { closed: 1 } });
  });

  it('a dropped frame settles at once, an encoded one when it is encoded', async () => {
    const clock = virtualClock();
    const model = fakeModel({ clock });
    model.encodeMs = 100;
    model.predictMs = 5000;
    const session = openSession(model, { mode: 'live', clock });
    const settledAt: Record<number, number> = {};
    for (const ptsMs of [0, 150, 200, 300, 450]) {
      await clock.advance(ptsMs - clock.now());
      void session.push(frame(ptsMs, ptsMs)).then(() => (settledAt[ptsMs] = clock.now()));
    }
    await clock.advance(200);
    expect(settledAt).toEqual({ 0: 100, 150: 250, 200: 200, 300: 400, 450: 550 });
    await Promise.all([session.close(), clock.advance(20_000)]);
  });

  it('without any media is quiet', async () => {
    const clock = virtualClock();
    const session = openSession(fakeModel({ clock }), { mode: 'live', clock });
    const outputs: PipelineOutput[] = [];
    session.outputs.subscribe((output) => outputs.push(output));
    await clock.advance(900);
    expect(await session.close()).toMatchObject({ results: 0, media_ms: 0 });
    await settle();
    expect(outputs).toEqual([]);
    expect(clock.pending()).toBe(0);
  });

  it('finalize gives the results of everything sent, and the session goes on', async () => {
    const clock = virtualClock();
    const model = fakeModel({ clock });
    model.encodeMs = 60;
    const session = openSession(model, { mode: 'live', clock });
    const times: number[] = [];
    session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.result') times.push(output.pts_ms);
    });
    void session.push({ kind: 'frame', seq: 0, ptsMs: 0, image: fakeImage(0) });
    await clock.advance(250);
    void session.push({ kind: 'frame', seq: 1, ptsMs: 250, image: fakeImage(1) });
    const finalized = session.finalize();
    await clock.advance(70);
    await finalized;
    expect(times).toEqual([250]);
    await clock.advance(580);
    expect(times).toEqual([250, 500, 750]);
    await session.close();
  });

  it('what comes after a finalize is no longer at its end', async () => {
    const session = openSession(fakeModel(), { mode: 'replay' });
    const results: SentimentResult[] = [];
    session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.result') results.push(output);
    });
    const causes = (): (string | null | undefined)[] =>
      ['video', 'text'].map((name) => results.at(-1)?.modalities[name]?.cause);
    await session.push(frame(0, 0));
    await session.push(caption('a', 'words', [0, 500]));
    await session.finalize(5000);
    expect(causes()).toEqual(['ended', 'ended']);
    await session.push(frame(1, 5250));
    await session.push(caption('b', 'more', [5250, 5500]));
    await session.advance(10_000);
    expect(causes()).toEqual(['network_gap', 'silence']);
    await session.close();
  });

  it.each([false, true])('a frame that takes 8 s to encode stops no results, finalized: %s', async (finalized) => {
    const clock = virtualClock();
    const model = fakeModel({ clock });
    const session = openSession(model, { mode: 'live', clock });
    const times: [number, number][] = [];
    session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.result') times.push([output.pts_ms, clock.now()]);
    });
    void session.push(frame(0, 0));
    await clock.advance(300);
    model.encodeMs = 8000;
    void session.push(frame(1, 300));
    await clock.advance(150);
    let finalizedMs = NaN;
    if (finalized) void session.finalize().then(() => (finalizedMs = clock.now()));
    await clock.advance(9000);
    expect(times.map(([ptsMs]) => ptsMs)).toEqual(times.map((_, i) => 250 * (i + 1)));
    expect(times.length).toBeGreaterThan(35);
    expect(Math.max(...times.map(([ptsMs, nowMs]) => nowMs - ptsMs))).toBeLessThanOrEqual(0.55 * 250 + 1);
    expect(finalizedMs).toBe(finalized ? 8300 : NaN);
    await session.close();
  });

  it('finalizes that come faster than frames are encoded are answered together, in order', async () => {
    const clock = virtualClock();
    const model = fakeModel({ clock });
    model.encodeMs = 1000;
    const session = openSession(model, { mode: 'live', clock });
    const answered: number[] = [];
    // A frame is encoded and another one waits, all the time.
    for (let seq = 0; seq < 26; seq++) {
      void session.push(frame(seq, seq * 250));
      if (seq < 10) for (let i = 0; i < 10; i++) void session.finalize().then(() => answered.push(seq * 10 + i));
      await clock.advance(250);
    }
    expect(answered).toEqual(Array.from({ length: 100 }, (_, i) => i));
    await clock.advance(3000);
    const { frames } = await session.close();
    expect(frames).toMatchObject({ received: 26, in_flight: 0 });
    expect(clock.pending()).toBe(0);
  });

  it('a finalize gives a hop that waits for its frame as soon as that is encoded', async () => {
    const clock = virtualClock();
    const model = fakeModel({ clock });
    model.encodeMs = 60;
    const session = openSession(model, { mode: 'live', clock });
    const ages: unknown[] = [];
    session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.result') ages.push(output.modalities.video?.age_ms);
    });
    void session.push(frame(0, 0));
    await clock.advance(245);
    void session.push(frame(1, 245));
    await clock.advance(10);
    const finalized = session.finalize();
    await clock.advance(55);
    await finalized;
    expect(ages).toEqual([5]);
    await session.close();
  });
});
