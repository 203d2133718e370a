import { describe, expect, it } from 'vitest';
import { caption, complaint, part, play, talk } from '../support/scenario.ts';
import type { SentimentResult } from '../../pipeline/protocol/index.ts';

const at = (results: readonly SentimentResult[], ms: number) => results.find(({ pts_ms: ptsMs }) => ptsMs === ms);
const HOUR_MS = 3_600_000;

describe.each(['live', 'replay'] as const)('captions that describe sounds, %s', (mode) => {
  it('are silence on a caption stream that is alive', async () => {
    const played = await play(
      {
        video: [[0, 9000]],
        captions: [...talk(0, 3000), [4000, 5000, '[MUSIC]'], [5000, 6000, '(applause)'], [6000, 7000, '♪ ♪']],
        untilMs: 9000,
      },
      { mode },
    );
    expect(part(at(played.results, 3000), 'text')).toBe('observed');
    expect(part(at(played.results, 8500), 'text')).toBe('virtual silence');
    expect(played.problems).toEqual([]);
    expect(played.totals.captions).toBe(6);
  });

  it('say that captions are alive, also where nobody has spoken', async () => {
    const played = await play({ video: [[0, 4000]], captions: [[500, 1500, '[MUSIC]']], untilMs: 4000 }, { mode });
    expect(part(at(played.results, 3000), 'text')).toBe('virtual silence');
  });

  it('leave the words around them to the model', async () => {
    const text = async (words: string): Promise<SentimentResult | undefined> =>
      at((await play({ video: [[0, 4000]], captions: [[0, 1000, words]], untilMs: 4000 }, { mode })).results, 3000);
    const [marked, plain, other] = [
      await text('ANNA: I [laughs] love it'),
      await text('I love it'),
      await text('love'),
    ];
    expect(marked?.score).toBe(plain?.score);
    expect(marked?.score).not.toBe(other?.score);
  });
});

describe('a caption that is sent again long after its time', () => {
  const again = (id: string, ms: number) =>
    ({
      video: [[0, 22_000]],
      captions: talk(1000, 20_000),
      inputs: [
        [1000, caption('a', 'so happy', [500, 1000])],
        [ms, caption(id, 'so happy', [500, 1000])],
      ],
      untilMs: 22_000,
    }) as const;

  it.each([9000, 20_000])(
    'at %i ms, by a client that could not know that it had arrived, is no trouble',
    async (ms) => {
      expect((await play(again('a', ms), { mode: 'live' })).problems).toEqual([]);
    },
  );

  it('is called late where it comes for the first time', async () => {
    const { problems } = await play(again('c', 20_000), { mode: 'live' });
    const message = expect.stringContaining('it waited for a connection, or frames and captions do not use one clock');
    expect(problems).toMatchObject([{ type: 'warning', code: 'caption_order', ref: 'c', message }]);
  });
});

describe('a caption whose end is an hour ahead', () => {
  const script = {
    video: [[0, 80_000]],
    inputs: [
      [1000, caption('a', 'all day long', [0, HOUR_MS])],
      [2000, caption('b', 'all day long', [1000, HOUR_MS])],
      [3000, caption('c', 'all day long', [2000, HOUR_MS])],
    ],
    untilMs: 80_000,
  } as const;

  it('live, is cut to a minute, which is told once', async () => {
    const played = await play(script, { mode: 'live' });
    expect(played.problems).toMatchObject([{ type: 'warning', code: 'caption_length', ref: 'a' }]);
    expect(played.problems.map(complaint)).toEqual([null]);
    expect(part(at(played.results, 60_000), 'text')).toBe('observed');
    expect(part(at(played.results, 70_000), 'text')).not.toBe('observed');
  });

  it('live, is told again after one that is not', async () => {
    const inputs = [
      ...script.inputs,
      [4000, caption('d', 'just now', [3000, 4000])],
      [5000, caption('e', 'all day long', [4000, HOUR_MS])],
    ] as const;
    const played = await play({ ...script, inputs }, { mode: 'live' });
    expect(played.problems.map(({ ref }) => ref)).toEqual(['a', 'e']);
  });

  it('in a recording, is as the file says', async () => {
    const played = await play(script, { mode: 'replay' });
    expect(played.problems).toEqual([]);
    expect(part(at(played.results, 70_000), 'text')).toBe('observed');
  });

  it('live, is taken with an end that is no further ahead than inputs may be, however long it is', async () => {
    const long = caption('a', 'on and on', [0, 95_000]);
    const played = await play({ video: [[0, 91_000]], inputs: [[90_000, long]], untilMs: 91_000 }, { mode: 'live' });
    expect(played.problems).toEqual([]);
    expect(part(at(played.results, 90_500), 'text')).toBe('observed');
  });
});
