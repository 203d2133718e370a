import { describe, expect, it } from 'vitest';
import { fakeImage } from '../support/fake-model.ts';
import { caption, complaint, frame, play, talk } from '../support/scenario.ts';
import type { PipelineInput, SessionOptions } from '../../pipeline/frames.ts';
import type { Loss, SentimentResult } from '../../pipeline/protocol/index.ts';
import type { Played } from '../support/scenario.ts';

type Mode = SessionOptions['mode'];

const LOSSES = {
  bernoulli: { rate: 0.4 },
  burst: { rate: 0.4, burst_ms: 1500 },
  freeze: { rate: 0.4, burst_ms: 1500, freeze: true },
  delay: { delay_ms: 900 },
  blackout: { rate: 1 },
  standstill: { rate: 1, freeze: true },
} as const;
type Kind = keyof typeof LOSSES;
const KINDS = Object.keys(LOSSES) as Kind[];
const UNTIL_MS = 20_000;

function lossOf(kind: Kind, seed = 3): Loss {
  return { rate: 0, burst_ms: 0, delay_ms: 0, freeze: false, seed, ...LOSSES[kind] };
}

function lose(modality: string, kind: Kind, seed = 3): PipelineInput {
  return { kind: 'modality', modality, loss: lossOf(kind, seed) };
}

function run(mode: Mode, modality: string, kind: Kind, seed?: number): Promise<Played> {
  const inputs: [number, PipelineInput][] = [[5000, lose(modality, kind, seed)]];
  return play({ video: [[0, UNTIL_MS]], captions: talk(0, UNTIL_MS), inputs, untilMs: UNTIL_MS }, { mode });
}

const partsOf = ({ results }: Played, modality: string) => results.map(({ modalities }) => modalities[modality]);
const told = ({ results, totals }: Played): unknown => [
  totals,
  results.map(({ score, modalities }) => [score, modalities]),
];

describe.each(['live', 'replay'] as const)('injected loss, %s', (mode) => {
  it.each(KINDS)(
    '%s of video: nothing lost reaches the encoder, and the rest of the window is marked',
    async (kind) => {
      const played = await run(mode, 'video', kind);
      const { received, encoded, in_flight: inFlight, dropped } = played.totals.frames;
      expect(inFlight).toBe(0);
      expect(received).toBe(encoded + Object.values(dropped).reduce((sum, count) => sum + count, 0));
      expect(played.model.encoded.filter(({ modality }) => modality === 'video')).toHaveLength(encoded);
      expect((dropped.injected ?? 0) > 0).toBe(kind !== 'freeze' && kind !== 'standstill');
      const parts = partsOf(played, 'video').slice(20);
      expect(parts.some((part) => part?.cause === 'injected')).toBe(true);
      expect(parts.every((part) => part?.cause === null || part?.cause === 'injected')).toBe(true);
      expect(played.outputs.map(complaint).filter(Boolean)).toEqual([]);
    },
  );

  it.each(KINDS)('%s of captions: windows without their words are marked', async (kind) => {
    const played = await run(mode, 'text', kind);
    const parts = partsOf(played, 'text').slice(20);
    expect(parts.some((part) => part?.cause === 'injected')).toBe(true);
    expect(parts.every((part) => part?.cause === null || part?.cause === 'injected')).toBe(true);
    expect(parts.some((part) => part?.source === 'observed')).toBe(true);
    expect(played.totals.captions).toBe(20);
  });

  it.each(KINDS)('%s is the same again for the same seed', async (kind) => {
    expect(told(await run(mode, 'video', kind))).toEqual(told(await run(mode, 'video', kind)));
  });

  it.each(['bernoulli', 'burst', 'freeze'] as const)('%s is another for another seed', async (kind) => {
    expect(told(await run(mode, 'video', kind, 3))).not.toEqual(told(await run(mode, 'video', kind, 4)));
  });

  it('bursts are longer than independent losses of the same rate', async () => {
    const stretches = async (kind: Kind): Promise<number> => {
      const coverage = partsOf(await run(mode, 'video', kind), 'video').map((part) => part?.coverage ?? 0);
      return coverage.slice(20).filter((share) => share < 0.3 || share === 1).length;
    };
    expect(await stretches('burst')).toBeGreaterThan(await stretches('bernoulli'));
  });
});

describe.each(['live', 'replay'] as const)('delays of both modalities, %s', (mode) => {
  it('frames that are a little late do not wait for captions that are very late', async () => {
    const late = (modality: string, delayMs: number): [number, PipelineInput] => [
      0,
      { kind: 'modality', modality, loss: { rate: 0, burst_ms: 0, delay_ms: delayMs, freeze: false, seed: 0 } },
    ];
    const inputs = [late('video', 200), late('text', 5000)];
    const { results, totals } = await play(
      { video: [[0, UNTIL_MS]], captions: talk(0, UNTIL_MS), inputs, untilMs: UNTIL_MS },
      { mode },
    );
    expect(totals.frames).toMatchObject({ received: 80, encoded: 80, dropped: {} });
    expect(results.slice(20).every(({ modalities }) => modalities.video?.coverage === 1)).toBe(true);
  });
});

it('what a replay still holds back at its end comes in the order in which the delays end', async () => {
  const late = (modality: string, delayMs: number): [number, PipelineInput] => [
    0,
    { kind: 'modality', modality, loss: { rate: 0, burst_ms: 0, delay_ms: delayMs, freeze: false, seed: 1 } },
  ];
  const inputs: [number, PipelineInput][] = [
    late('video', 2000),
    late('text', 1000),
    [2400, caption('a', 'words', [2000, 2400])],
  ];
  const { results } = await play({ video: [[0, 3000]], inputs, untilMs: 6000 }, { mode: 'replay' });
  expect(results.find(({ modalities }) => modalities.text?.source === 'observed')?.pts_ms).toBe(3000);
});

describe('delayed frames', () => {
  const FRAME_BYTES = 500_000;
  const big = (seq: number): PipelineInput => {
    const bytes = new Uint8Array(FRAME_BYTES);
    bytes.set(fakeImage(seq).bytes);
    return frame(seq, seq * 33, { kind: 'image', bytes });
  };
  const inputs: [number, PipelineInput][] = [
    [0, { kind: 'modality', modality: 'video', loss: { ...lossOf('delay'), delay_ms: 3000 } }],
    ...Array.from({ length: 30 }, (_, seq): [number, PipelineInput] => [seq * 33, big(seq)]),
  ];

  it.each([
    ['live', 8],
    ['replay', 30],
  ] as const)('%s: %d of 500 KB wait, the oldest is lost first', async (mode, kept) => {
    const { totals } = await play({ inputs, untilMs: 5000 }, { mode });
    const { received, encoded, in_flight: inFlight, dropped } = totals.frames;
    expect([received, inFlight]).toEqual([30, 0]);
    expect(dropped.injected ?? 0).toBe(30 - kept);
    expect(encoded + (dropped.decimated ?? 0)).toBe(kept);
  });
});

describe('frozen frames', () => {
  const imagesOf = ({ model }: Played): number[] =>
    model.encoded.flatMap(({ input }) =>
      input.kind === 'image' ? [Number(new TextDecoder().decode(input.bytes).slice('image '.length))] : [],
    );
  const freeze = (rate: number, delayMs: number): PipelineInput => ({
    kind: 'modality',
    modality: 'video',
    loss: { rate, burst_ms: 0, delay_ms: delayMs, freeze: true, seed: 1 },
  });

  it.each([
    ['live', 0],
    ['live', 200],
    ['replay', 0],
    ['replay', 200],
  ] as const)('%s, %d ms late: repeat the last one that was not lost', async (mode, delayMs) => {
    const inputs: [number, PipelineInput][] = [[0, freeze(0.5, delayMs)]];
    const played = await play({ video: [[0, UNTIL_MS]], inputs, untilMs: UNTIL_MS }, { mode });
    expect(played.totals.frames.encoded).toBeGreaterThan(75);
    const images = imagesOf(played);
    // Each is its own or the newest before it; half of 80 frames are lost, and about as many images are seen.
    expect(images).toEqual(images.toSorted((a, b) => a - b));
    expect(new Set(images).size).toBeGreaterThan(30);
    expect(images.at(-1)).toBeGreaterThan(70);
  });

  it('tell nothing of the fidelity', async () => {
    const freezing = (inputs: [number, PipelineInput][]): Promise<Played> =>
      play({ video: [[0, UNTIL_MS]], captions: talk(0, UNTIL_MS), inputs, untilMs: UNTIL_MS }, { mode: 'replay' });
    const [frozen, plain] = [await freezing([[100, freeze(1, 0)]]), await freezing([])];
    expect(frozen.results.at(-1)?.modalities.video).toMatchObject({ source: 'observed', fidelity: null });
    expect(plain.results.at(-1)?.modalities.video?.fidelity).not.toBeNull();
  });

  it.each(['live', 'replay'] as const)('%s: never show what came while the client paused', async (mode) => {
    const inputs: [number, PipelineInput][] = [
      [1001, { kind: 'modality', modality: 'video', state: 'paused' }],
      [2001, { kind: 'modality', modality: 'video', state: 'active' }],
      [2001, freeze(1, 0)],
    ];
    const played = await play({ video: [[0, 4000]], inputs, untilMs: 4000 }, { mode });
    expect(new Set(imagesOf(played))).toEqual(new Set([0, 1, 2, 3, 4]));
  });

  it.each(['live', 'replay'] as const)('%s: never show what is older than a window', async (mode) => {
    const inputs: [number, PipelineInput][] = [
      [0, frame(0, 0)],
      [60_000, freeze(1, 0)],
      [60_000, frame(1, 60_000)],
    ];
    const played = await play({ inputs, untilMs: 60_500 }, { mode });
    expect(imagesOf(played)).toEqual([0]);
    expect(played.totals.frames.dropped).toEqual({ injected: 1 });
    const lost = played.results.find(({ pts_ms: ptsMs }) => ptsMs === 60_250);
    expect(lost?.modalities.video).toMatchObject({ cause: 'injected', coverage: 0 });
  });
});

describe('captions that are injected away', () => {
  const away: PipelineInput = lose('text', 'blackout');
  const video: [number, number][] = [[0, 5000]];

  it('are no longer missing once a revision of them comes through', async () => {
    const inputs: [number, PipelineInput][] = [
      [0, away],
      [900, caption('a', 'some', [500, 900], { isFinal: false })],
      [1600, { kind: 'modality', modality: 'text', loss: null }],
      [1700, caption('a', 'some words', [500, 1600], { revision: 1 })],
    ];
    const { results } = await play({ video, inputs, untilMs: 4000 }, { mode: 'live' });
    const text = new Map(results.map(({ pts_ms: ptsMs, modalities }) => [ptsMs, modalities.text]));
    expect(text.get(1500)).toMatchObject({ source: 'virtual', cause: 'injected' });
    expect(text.get(2000)).toMatchObject({ source: 'observed', cause: null });
  });

  it.each(['live', 'replay'] as const)('%s: are not repeated long after they were said', async (mode) => {
    const inputs: [number, PipelineInput][] = [
      [1000, caption('a', 'said once', [600, 950])],
      [60_000, lose('text', 'standstill')],
      [60_900, caption('b', 'lost', [60_000, 60_900])],
    ];
    const { results, totals } = await play({ video: [[0, 62_000]], inputs, untilMs: 62_000 }, { mode });
    expect(totals).toMatchObject({ captions: 2, captions_injected: 1 });
    expect(results.at(-1)?.modalities.text).toMatchObject({ source: 'virtual', cause: 'injected' });
  });

  it('are no longer missing once they come late themselves', async () => {
    const inputs: [number, PipelineInput][] = [
      [0, lose('text', 'delay')],
      [1000, caption('a', 'late words', [600, 950])],
    ];
    const { results } = await play({ video, inputs, untilMs: 4000 }, { mode: 'live' });
    const text = new Map(results.map(({ pts_ms: ptsMs, modalities }) => [ptsMs, modalities.text]));
    expect(text.get(1500)).toMatchObject({ source: 'virtual', cause: 'injected' });
    expect(text.get(2250)).toMatchObject({ source: 'observed', cause: null });
  });

  it('leave their mark on a window that has other words', async () => {
    const inputs: [number, PipelineInput][] = [
      [900, caption('a', 'kept', [500, 900])],
      [1000, away],
      [1900, caption('b', 'lost', [1500, 1900])],
    ];
    const { results } = await play({ video, inputs, untilMs: 5000 }, { mode: 'live' });
    const text = new Map(results.map(({ pts_ms: ptsMs, modalities }) => [ptsMs, modalities.text]));
    expect(text.get(1250)).toMatchObject({ source: 'observed', cause: null });
    expect(text.get(2000)).toMatchObject({ source: 'observed', cause: 'injected', coverage: 1 });
  });

  it('leave it on no window that begins as they end', async () => {
    const inputs: [number, PipelineInput][] = [
      [0, away],
      [1950, caption('a', 'lost', [1500, 2000])],
    ];
    const { results } = await play({ video: [[0, 7000]], inputs, untilMs: 7000 }, { mode: 'live' });
    const isMarked = ({ modalities }: SentimentResult): boolean => modalities.text?.cause === 'injected';
    expect([results.find(isMarked)?.pts_ms, results.findLast(isMarked)?.pts_ms]).toEqual([2000, 5750]);
  });
});
