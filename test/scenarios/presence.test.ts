import { describe, expect, it } from 'vitest';
import { Cause } from '../../pipeline/protocol/index.ts';
import { corruptImage, facelessImage } from '../support/fake-model.ts';
import { caption, complaint, frame, line, part, play, talk } from '../support/scenario.ts';
import type { PipelineInput } from '../../pipeline/frames.ts';
import type { Played, Script } from '../support/scenario.ts';

type Mode = 'live' | 'replay';
/** Media time, state, video, text. */
type Row = readonly [number, 'ok' | 'degraded' | 'insufficient', string, string];

interface Case {
  readonly name: string;
  readonly script: Script;
  readonly modes?: readonly Mode[];
  readonly rows: readonly Row[];
  readonly changes: readonly string[];
}

const pause = (modality: string): PipelineInput => ({ kind: 'modality', modality, state: 'paused' });
const resume = (modality: string): PipelineInput => ({ kind: 'modality', modality, state: 'active' });
const lose = (modality: string, rate: number): PipelineInput => ({
  kind: 'modality',
  modality,
  loss: { rate, burst_ms: 0, delay_ms: 0, freeze: false, seed: 7 },
});
const badFrames = (
  image: () => ReturnType<typeof corruptImage>,
  fromMs: number,
  toMs: number,
): [number, PipelineInput][] =>
  Array.from({ length: (toMs - fromMs) / 250 }, (_, i) => [
    fromMs + i * 250,
    frame(1000 + i, fromMs + i * 250, image()),
  ]);

/** Images that come and cannot be encoded from 4 to 9 s, while somebody speaks. */
function badImages(name: string, image: () => ReturnType<typeof corruptImage>, cause: string): Case {
  return {
    name,
    script: {
      video: [
        [0, 4000],
        [9000, 12_000],
      ],
      captions: talk(0, 12_000),
      inputs: badFrames(image, 4000, 9000),
      untilMs: 12_000,
    },
    rows: [
      [5000, 'degraded', `mixed ${cause}`, 'observed'],
      [8500, 'degraded', `virtual ${cause}`, 'observed'],
      [11_000, 'degraded', `mixed ${cause}`, 'observed'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      `video virtual ${cause} @7750`,
      'video observed @9000',
    ],
  };
}

const CASES: readonly Case[] = [
  {
    name: 'both flow',
    script: { video: [[0, 8000]], captions: talk(0, 8000), untilMs: 8000 },
    rows: [
      [250, 'degraded', 'mixed no_signal', 'virtual no_signal'],
      [1000, 'degraded', 'mixed no_signal', 'observed'],
      [3500, 'ok', 'observed', 'observed'],
      [8000, 'ok', 'observed', 'observed'],
    ],
    changes: ['video observed @250', 'text virtual no_signal @250', 'text observed @1000'],
  },
  {
    name: 'video drops and returns',
    script: {
      video: [
        [0, 6000],
        [13_900, 20_000],
      ],
      captions: talk(0, 20_000),
      untilMs: 20_000,
    },
    rows: [
      [6000, 'ok', 'observed', 'observed'],
      [8000, 'degraded', 'mixed network_gap', 'observed'],
      [11_000, 'degraded', 'virtual network_gap', 'observed'],
      [14_000, 'degraded', 'mixed network_gap', 'observed'],
      [18_000, 'ok', 'observed', 'observed'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'video virtual network_gap @10250',
      'video observed @14000',
    ],
  },
  {
    name: 'captions fall silent and return',
    script: { video: [[0, 18_000]], captions: [...talk(0, 4000), ...talk(14_000, 18_000)], untilMs: 18_000 },
    rows: [
      [4000, 'ok', 'observed', 'observed'],
      [7750, 'ok', 'observed', 'observed'],
      [8000, 'degraded', 'observed', 'virtual silence'],
      [14_750, 'degraded', 'observed', 'virtual silence'],
      [15_000, 'ok', 'observed', 'observed'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual silence @8000',
      'text observed @15000',
    ],
  },
  {
    name: 'the caption stream dies',
    modes: ['live'],
    script: { video: [[0, 24_000]], captions: talk(0, 4000), untilMs: 24_000 },
    rows: [
      [18_750, 'degraded', 'observed', 'virtual silence'],
      [19_000, 'degraded', 'observed', 'virtual network_gap'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual silence @8000',
      'text virtual network_gap @19000',
    ],
  },
  {
    name: 'keepalives tell a silent caption stream from a dead one',
    modes: ['live'],
    script: {
      video: [[0, 24_000]],
      inputs: [
        [450, { kind: 'keepalive' }],
        [12_000, { kind: 'keepalive' }],
      ],
      untilMs: 24_000,
    },
    rows: [
      [250, 'degraded', 'mixed no_signal', 'virtual no_signal'],
      [500, 'degraded', 'mixed no_signal', 'virtual silence'],
      [24_000, 'degraded', 'observed', 'virtual silence'],
    ],
    changes: ['video observed @250', 'text virtual no_signal @250', 'text virtual silence @500'],
  },
  {
    name: 'both drop and return',
    modes: ['live'],
    script: {
      video: [
        [0, 6000],
        [13_900, 20_000],
      ],
      captions: [...talk(0, 6000), ...talk(14_000, 20_000)],
      untilMs: 20_000,
    },
    rows: [
      [9750, 'degraded', 'mixed network_gap', 'observed'],
      [10_000, 'degraded', 'mixed network_gap', 'virtual network_gap'],
      [10_250, 'insufficient', 'absent network_gap', 'absent network_gap'],
      [13_750, 'insufficient', 'absent network_gap', 'absent network_gap'],
      [14_000, 'degraded', 'mixed network_gap', 'virtual silence'],
      [19_000, 'ok', 'observed', 'observed'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual network_gap @10000',
      'video absent network_gap @10250',
      'text absent network_gap @10250',
      'video observed @14000',
      'text virtual silence @14000',
      'text observed @15000',
    ],
  },
  {
    name: 'both drop and keepalives go on: the connection is there, and nobody speaks',
    modes: ['live'],
    script: {
      video: [[0, 6000]],
      captions: talk(0, 6000),
      inputs: [10, 15, 20].map((s) => [1000 * s + 900, { kind: 'keepalive' }]),
      untilMs: 24_000,
    },
    rows: [
      [10_750, 'insufficient', 'absent network_gap', 'absent network_gap'],
      [11_000, 'insufficient', 'absent network_gap', 'absent silence'],
      [24_000, 'insufficient', 'absent network_gap', 'absent silence'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual network_gap @10000',
      'video absent network_gap @10250',
      'text absent network_gap @10250',
      'text absent silence @11000',
    ],
  },
  {
    name: 'the client pauses video',
    modes: ['live'],
    script: {
      video: [
        [0, 6000],
        [11_950, 17_000],
      ],
      captions: talk(0, 17_000),
      inputs: [
        [6000, pause('video')],
        [11_950, resume('video')],
      ],
      untilMs: 17_000,
    },
    rows: [
      [7500, 'degraded', 'mixed client_paused', 'observed'],
      [11_000, 'degraded', 'virtual client_paused', 'observed'],
      [16_000, 'ok', 'observed', 'observed'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'video virtual client_paused @10250',
      'video observed @12000',
    ],
  },
  {
    name: 'the client pauses text, and sends all the same',
    script: {
      video: [[0, 10_000]],
      captions: talk(0, 10_000),
      inputs: [[3500, pause('text')]],
      untilMs: 10_000,
    },
    rows: [
      [6750, 'ok', 'observed', 'observed'],
      [7000, 'degraded', 'observed', 'virtual client_paused'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual client_paused @7000',
    ],
  },
  badImages('images do not decode for a while', corruptImage, 'decode_error'),
  badImages('the person leaves the picture for a while', facelessImage, 'no_face'),
  {
    name: 'the client pauses text in a silence',
    modes: ['live'],
    script: {
      video: [[0, 7000]],
      captions: talk(0, 1000),
      inputs: [
        [5200, pause('text')],
        [6200, resume('text')],
      ],
      untilMs: 7000,
    },
    rows: [
      [5000, 'degraded', 'observed', 'virtual silence'],
      [6000, 'degraded', 'observed', 'virtual client_paused'],
      [6500, 'degraded', 'observed', 'virtual silence'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual silence @5000',
      'text virtual client_paused @5250',
      'text virtual silence @6250',
    ],
  },
  {
    name: 'the encoder is overloaded for a while',
    script: {
      video: [[0, 16_000]],
      captions: talk(0, 16_000),
      model: [
        [
          4000,
          (model) => (model.failEncode = (modality) => (modality === 'video' ? 'inference_overloaded' : undefined)),
        ],
        [10_000, (model) => (model.failEncode = undefined)],
      ],
      untilMs: 16_000,
    },
    rows: [
      [5000, 'degraded', 'mixed load_shed', 'observed'],
      [8500, 'degraded', 'virtual load_shed', 'observed'],
      [14_000, 'ok', 'observed', 'observed'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'video virtual load_shed @7750',
      'video observed @10000',
    ],
  },
  {
    name: 'all video is injected away',
    script: { video: [[0, 6000]], captions: talk(0, 6000), inputs: [[0, lose('video', 1)]], untilMs: 6000 },
    rows: [
      [750, 'insufficient', 'absent injected', 'absent no_signal'],
      [1000, 'degraded', 'virtual injected', 'observed'],
      [6000, 'degraded', 'virtual injected', 'observed'],
    ],
    changes: [
      'video absent injected @250',
      'text absent no_signal @250',
      'video virtual injected @1000',
      'text observed @1000',
    ],
  },
  {
    name: 'all captions are injected away',
    script: { video: [[0, 6000]], captions: talk(0, 6000), inputs: [[0, lose('text', 1)]], untilMs: 6000 },
    rows: [
      [750, 'degraded', 'mixed no_signal', 'virtual no_signal'],
      [6000, 'degraded', 'observed', 'virtual injected'],
    ],
    changes: ['video observed @250', 'text virtual no_signal @250', 'text virtual injected @1000'],
  },
  {
    name: 'captions alone',
    modes: ['replay'],
    script: { captions: talk(0, 5000), untilMs: 10_000 },
    rows: [[5000, 'degraded', 'virtual no_signal', 'observed']],
    changes: [
      'video virtual no_signal @250',
      'text observed @250',
      'video absent no_signal @9000',
      'text absent ended @9000',
    ],
  },
  {
    name: 'a recording goes on after its streams have ended',
    modes: ['replay'],
    script: { video: [[0, 4000]], captions: talk(0, 4000), untilMs: 9000 },
    rows: [
      [5000, 'degraded', 'mixed ended', 'observed'],
      [7750, 'degraded', 'mixed ended', 'observed'],
      [8000, 'degraded', 'mixed ended', 'virtual ended'],
      [8250, 'insufficient', 'absent ended', 'absent ended'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual ended @8000',
      'video absent ended @8250',
      'text absent ended @8250',
    ],
  },
  {
    name: 'more frames than slots',
    script: { video: [[0, 6000]], frameMs: 125, captions: talk(0, 6000), untilMs: 6000 },
    rows: [[6000, 'ok', 'observed', 'observed']],
    changes: ['video observed @250', 'text virtual no_signal @250', 'text observed @1000'],
  },
  {
    name: 'a slow camera of one frame a second is no gap',
    script: { video: [[0, 8000]], frameMs: 1000, captions: talk(0, 8000), untilMs: 8000 },
    rows: [
      [4000, 'ok', 'observed', 'observed'],
      [7500, 'ok', 'observed', 'observed'],
    ],
    changes: ['video observed @250', 'text virtual no_signal @250', 'text observed @1000'],
  },
  {
    name: 'a slow camera whose frames come between the borders of slots',
    script: {
      video: [[100, 9000]],
      frameMs: 1000,
      inputs: [[0, caption('a', 'words', [0, 9000])]],
      untilMs: 9000,
    },
    rows: [5000, 5250, 5500, 5750].map((ptsMs) => [ptsMs, 'ok', 'observed', 'observed']),
    changes: ['video observed @250', 'text observed @250'],
  },
  {
    name: 'the encoder is behind, and a client that has no credit waits',
    modes: ['live'],
    script: {
      video: [
        [0, 4500],
        [8500, 12_000],
      ],
      captions: talk(0, 1000),
      model: [
        [4100, (model) => (model.encodeMs = 4000)],
        [8400, (model) => (model.encodeMs = 0)],
      ],
      untilMs: 12_000,
    },
    rows: [
      [5250, 'degraded', 'mixed load_shed', 'virtual silence'],
      [7500, 'degraded', 'mixed load_shed', 'virtual silence'],
      [8250, 'degraded', 'mixed load_shed', 'virtual silence'],
      [11_000, 'degraded', 'mixed load_shed', 'virtual silence'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual silence @5000',
    ],
  },
  {
    name: 'a camera that is switched on again and takes a while',
    modes: ['live'],
    script: {
      video: [
        [0, 4000],
        [9200, 12_000],
      ],
      captions: talk(0, 1000),
      inputs: [
        [4000, pause('video')],
        [8500, resume('video')],
      ],
      untilMs: 12_000,
    },
    rows: [
      [8500, 'insufficient', 'absent client_paused', 'absent silence'],
      [8750, 'insufficient', 'absent client_paused', 'absent silence'],
      [9250, 'degraded', 'mixed client_paused', 'virtual silence'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual silence @5000',
      'video absent client_paused @8250',
      'text absent silence @8250',
      'video observed @9250',
      'text virtual silence @9250',
    ],
  },
  {
    name: 'a corrected caption that takes its words back',
    modes: ['live'],
    script: {
      video: [[0, 6000]],
      inputs: [
        [900, caption('a', 'oops', [500, 900])],
        [2900, caption('a', '', [500, 900], { revision: 1 })],
      ],
      untilMs: 6000,
    },
    rows: [
      [2750, 'degraded', 'mixed no_signal', 'observed'],
      [3250, 'degraded', 'mixed no_signal', 'virtual silence'],
    ],
    changes: [
      'video observed @250',
      'text virtual no_signal @250',
      'text observed @1000',
      'text virtual silence @3000',
    ],
  },
];

const RUNS = CASES.flatMap((scenario) =>
  (scenario.modes ?? (['live', 'replay'] as const)).map((mode) => ({ ...scenario, mode })),
);

describe('presence and its causes', () => {
  it('are all met in these cases', () => {
    const met = CASES.flatMap(({ rows }) =>
      rows.flatMap(([, , ...parts]) => parts.map((words) => words.split(' ')[1])),
    );
    expect(new Set(met.filter(Boolean))).toEqual(new Set(Cause.options));
  });

  it.each(RUNS)('$mode: $name', async ({ script, mode, rows, changes }) => {
    const { outputs, results, states, totals, timersLeft } = await play(script, { mode });
    const at = new Map(results.map((result) => [result.pts_ms, result]));
    expect(
      rows.map(([ptsMs]) => [ptsMs, at.get(ptsMs)?.state, part(at.get(ptsMs), 'video'), part(at.get(ptsMs), 'text')]),
    ).toEqual(rows);
    expect(states.map(line)).toEqual(changes);
    expect(outputs.map(complaint).filter(Boolean)).toEqual([]);
    expect(totals.frames.in_flight).toBe(0);
    expect(timersLeft).toBe(0);
    const first = results[0]?.pts_ms ?? 0;
    expect(results.map((result) => result.pts_ms)).toEqual(
      Array.from({ length: (script.untilMs - first) / 250 + 1 }, (_, i) => first + i * 250),
    );
  });
});

describe('a caption of characters that nobody sees', () => {
  it.each(['', '   ', '\u200B\u200B', '\0', '\u200E \uFEFF'])('%j is silence', async (text) => {
    const inputs: [number, PipelineInput][] = [[950, caption('a', text, [500, 950])]];
    const { results, model } = await play({ video: [[0, 3000]], inputs, untilMs: 3000 }, { mode: 'live' });
    expect(part(results.at(-1), 'text')).toBe('virtual silence');
    expect(results.at(-1)?.modalities.text?.age_ms).toBeNull();
    expect(model.encoded.every(({ modality }) => modality === 'video')).toBe(true);
  });
});

describe('the age of the text', () => {
  const ages = ({ results, revised }: Played): Map<number, number | null | undefined> =>
    new Map([...results, ...revised].map(({ pts_ms: ptsMs, modalities }) => [ptsMs, modalities.text?.age_ms]));

  it('does not count from words that were taken back, nor from later ones', async () => {
    const inputs: [number, PipelineInput][] = [
      [950, caption('a', 'oops', [500, 900])],
      [3050, caption('b', 'right', [2800, 3000])],
      [3300, caption('a', '', [500, 900], { revision: 1 })],
    ];
    const played = await play({ video: [[0, 4000]], inputs, untilMs: 4000 }, { mode: 'live' });
    expect(played.revised.map(({ pts_ms: ptsMs }) => ptsMs)).toContain(2500);
    expect([1000, 2500, 3500].map((ptsMs) => ages(played).get(ptsMs))).toEqual([null, null, 500]);
  });

  it.each(['live', 'replay'] as const)('%s: counts from the last words that could be encoded', async (mode) => {
    const played = await play(
      { video: [[0, 20_000]], captions: talk(0, 20_000).filter(([ms]) => ms !== 4000), untilMs: 20_000 },
      { mode },
      {},
      (model) => {
        const fails = /words at ([5-9]|1[0-2])000/;
        model.failEncode = (_, input) =>
          input.kind === 'text' && fails.test(input.text) ? 'inference_overloaded' : undefined;
      },
    );
    const seen = [4000, 5750, 6000, 12_000, 16_000, 17_000, 20_000];
    expect(seen.map((ptsMs) => [ptsMs, ages(played).get(ptsMs)])).toEqual([
      [4000, 0],
      [5750, 1750],
      [6000, 2000],
      [12_000, 8000],
      [16_000, 12_000],
      [17_000, 0],
      [20_000, 0],
    ]);
  });

  it('counts on from the last words when they are long forgotten', async () => {
    const played = await play({ video: [[0, 20_000]], captions: talk(0, 2000), untilMs: 20_000 }, { mode: 'live' });
    expect(played.results.at(-1)).toMatchObject({ pts_ms: 20_000, modalities: { text: { age_ms: 18_000 } } });
  });
});

describe('a keepalive before the first media', () => {
  it.each([1000, 60_000])('counts from the first media on, at %d ms', async (firstMs) => {
    const frames = Array.from({ length: 80 }, (_, i): [number, PipelineInput] => [
      10 + i * 250,
      frame(i, firstMs + i * 250),
    ]);
    const { results } = await play(
      { inputs: [[0, { kind: 'keepalive' }], ...frames], untilMs: 19_900 },
      { mode: 'live' },
    );
    const silentMs = results.filter((result) => part(result, 'text') === 'virtual silence').map(({ pts_ms }) => pts_ms);
    expect([silentMs[0], silentMs.at(-1)]).toEqual([firstMs + 250, firstMs + 15_000]);
    expect(part(results.at(-1), 'text')).toBe('virtual network_gap');
  });
});
