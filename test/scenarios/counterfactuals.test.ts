import { describe, expect, it } from 'vitest';
import { caption, complaint, play, talk } from '../support/scenario.ts';
import type { PipelineInput, SessionOptions } from '../../pipeline/frames.ts';
import type { SentimentResult } from '../../pipeline/protocol/index.ts';
import type { Played, Script } from '../support/scenario.ts';

type Mode = SessionOptions['mode'];

const SCRIPT: Script = {
  video: [
    [0, 5000],
    [11_000, 14_000],
  ],
  captions: talk(2000, 12_000),
  untilMs: 14_000,
};
const ask = (mode: Mode, script: Script = SCRIPT, more: Partial<SessionOptions> = {}): Promise<Played> =>
  play(script, { mode, counterfactuals: true, ...more });
const without = (modality: string): Script => {
  const loss = { rate: 1, burst_ms: 0, delay_ms: 0, freeze: false, seed: 0 };
  const inputs: [number, PipelineInput][] = [[0, { kind: 'modality', modality, loss }]];
  return { ...SCRIPT, inputs };
};
const byTime = ({ results }: Played): Map<number, SentimentResult> =>
  new Map(results.map((result) => [result.pts_ms, result]));

describe.each(['live', 'replay'] as const)('counterfactuals, %s', (mode) => {
  it('are in every result when they were asked for, else in none', async () => {
    const [asked, plain] = [await ask(mode), await play(SCRIPT, { mode })];
    expect(asked.results).toHaveLength(56);
    expect(asked.results.every(({ counterfactuals }) => counterfactuals !== undefined)).toBe(true);
    expect(plain.results.every((result) => !('counterfactuals' in result))).toBe(true);
    expect(asked.outputs.map(complaint).filter(Boolean)).toEqual([]);
    const said = ({ results }: Played): unknown[] => results.map(({ score, modalities }) => [score, modalities]);
    expect(said(asked)).toEqual(said(plain));
  });

  it.each([
    ['video', 'text'],
    ['text', 'video'],
  ])('%s alone scores what a session does that has lost %s', async (kept, lost) => {
    const [asked, alone] = [await ask(mode), byTime(await play(without(lost), { mode }))];
    const compared = asked.results.filter(({ pts_ms: ptsMs, counterfactuals }) => {
      const score = alone.get(ptsMs)?.score ?? null;
      expect(counterfactuals?.only[kept]).toBe(score);
      return score !== null;
    });
    expect(compared.length).toBeGreaterThan(20);
  });

  it('with zeros differ from the result exactly where something was synthesised', async () => {
    const { results } = await ask(mode);
    const scored = results.filter(({ state }) => state !== 'insufficient');
    for (const { state, score, counterfactuals } of scored) {
      expect(counterfactuals?.as_is).toBe(score);
      expect(counterfactuals?.zero_filled === score).toBe(state === 'ok');
    }
    expect(new Set(scored.map(({ state }) => state))).toEqual(new Set(['ok', 'degraded']));
  });

  it('are null where nothing was observed', async () => {
    const { results } = await ask(mode, { video: [[0, 1000]], untilMs: 8000 });
    expect(results.at(-1)).toMatchObject({
      state: 'insufficient',
      counterfactuals: { as_is: null, only: { video: null, text: null }, zero_filled: null },
    });
  });

  it('travel in the batch of their window, and no window is predicted twice', async () => {
    const { model, results } = await ask(mode, { video: [[0, 5000]], captions: talk(0, 6000), untilMs: 5000 });
    // Full windows: itself, video alone, text alone. Earlier ones lack frames, and before 1 s the text, too.
    const batches = model.calls.batches.filter((size) => size > 1);
    expect(batches.filter((size) => size === 3)).toHaveLength(results.filter(({ state }) => state === 'ok').length);
    expect(batches.every((size) => size >= 2 && size <= 4)).toBe(true);
    expect(batches).toHaveLength(results.length);
  });

  it('are not smoothed', async () => {
    const [smooth, plain] = [await ask(mode, SCRIPT, { smoothing: 0.9 }), await ask(mode)];
    const values = ({ results }: Played): unknown[] => results.map(({ counterfactuals }) => counterfactuals);
    expect(values(smooth)).toEqual(values(plain));
    expect(smooth.results.map(({ score }) => score)).not.toEqual(plain.results.map(({ score }) => score));
  });
});

it('are in revisions, too', async () => {
  const inputs: [number, PipelineInput][] = [[2100, caption('a', 'late words', [800, 1400])]];
  const { revised } = await ask('live', { video: [[0, 4000]], inputs, untilMs: 4000 });
  expect(revised).toHaveLength(3);
  for (const { counterfactuals, score } of revised) {
    expect(counterfactuals?.as_is).toBe(score);
    expect(counterfactuals?.only['text']).toEqual(expect.any(Number));
  }
});

it('work for any number of modalities', async () => {
  const { results, outputs } = await play(
    { video: [[0, 6000]], captions: talk(0, 6000), untilMs: 6000 },
    { mode: 'replay', counterfactuals: true },
    {
      modalities: [
        { name: 'face', kind: 'image', slots: 4 },
        { name: 'scene_view', kind: 'image', slots: 2 },
        { name: 'words', kind: 'text', slots: 1 },
      ],
    },
  );
  const { only } = results.at(-1)?.counterfactuals ?? {};
  expect(only).toEqual({ face: expect.any(Number), scene_view: null, words: expect.any(Number) });
  expect(outputs.map(complaint).filter(Boolean)).toEqual([]);
});
