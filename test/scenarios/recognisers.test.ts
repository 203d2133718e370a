import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { assemblyAiCaptions, deepgramCaptions, webSpeechCaptions } from '../../client/sdk/index.ts';
import { toSnake } from '../../client/sdk/camel-case.ts';
import { Caption } from '../../pipeline/protocol/index.ts';
import { play } from '../support/scenario.ts';
import type { CaptionInput } from '../../client/sdk/index.ts';
import type { PipelineInput } from '../../pipeline/frames.ts';
import type { Played } from '../support/scenario.ts';

// Many sessions in a row; a busy machine takes its time.
vi.setConfig({ testTimeout: 90_000 });

/** What a recogniser hears: utterances of unique words, one after the other without overlap. */
interface Hearing {
  /** Words of each utterance, and after how many of them there is an interim message. */
  readonly utterances: readonly {
    readonly words: number;
    readonly interims: readonly number[];
    readonly again: boolean;
  }[];
}
const hearing: fc.Arbitrary<Hearing> = fc.record({
  utterances: fc.array(
    fc.record({
      words: fc.integer({ min: 1, max: 5 }),
      interims: fc
        .array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 })
        .map((counts) => counts.toSorted((a, b) => a - b)),
      again: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

const SPAN_MS = 1500;
const WORD_MS = 200;
const wordsOf = (i: number, count: number): string[] => Array.from({ length: count }, (_, j) => `u${i}w${j}`);

/** The captions that an adapter makes of a hearing, each with the time at which it is sent. */
type Recogniser = (hearing: Hearing) => [number, CaptionInput[]][];

const RECOGNISERS: Readonly<Record<string, Recogniser>> = {
  deepgram({ utterances }) {
    const read = deepgramCaptions();
    const results = (i: number, count: number, isFinal: boolean): object => ({
      type: 'Results',
      channel_index: [0, 1],
      start: (i * SPAN_MS) / 1000,
      duration: (count * WORD_MS) / 1000,
      is_final: isFinal,
      channel: {
        alternatives: [
          {
            transcript: wordsOf(i, count).join(' '),
            confidence: 0.9,
            words: wordsOf(i, count).map((word, j) => ({
              word,
              start: (i * SPAN_MS + j * WORD_MS) / 1000,
              end: (i * SPAN_MS + (j + 1) * WORD_MS) / 1000,
            })),
          },
        ],
      },
    });
    return said(utterances, (i, count, isFinal) => read(results(i, count, isFinal)));
  },
  assemblyai({ utterances }) {
    const read = assemblyAiCaptions();
    const turn = (i: number, count: number, isFinal: boolean, formatted: boolean): object => ({
      type: 'Turn',
      turn_order: i,
      end_of_turn: isFinal,
      turn_is_formatted: formatted,
      transcript: formatted ? `${wordsOf(i, count).join(' ')}.` : wordsOf(i, isFinal ? count : count - 1).join(' '),
      words: wordsOf(i, count).map((text, j) => ({
        text: formatted && j === count - 1 ? `${text}.` : text,
        start: i * SPAN_MS + j * WORD_MS,
        end: i * SPAN_MS + (j + 1) * WORD_MS,
        confidence: 0.9,
        word_is_final: isFinal || j < count - 1,
      })),
    });
    return said(utterances, (i, count, isFinal, again) => read(turn(i, count, isFinal, again)));
  },
  webSpeech({ utterances }) {
    let nowMs = 0;
    const captions = webSpeechCaptions({ nowMs: () => nowMs, lagMs: 100 });
    const result = (text: string, isFinal: boolean): object => ({
      0: { transcript: text, confidence: 0.5 },
      length: 1,
      isFinal,
    });
    return said(utterances, (i, count, isFinal, again, atMs) => {
      nowMs = atMs;
      const before = utterances.slice(0, i).map(({ words }, k) => result(wordsOf(k, words).join(' '), true));
      // Interim words come in two places, as browsers do it; again: everything from the start of the list.
      const words = wordsOf(i, count);
      const now = isFinal
        ? [result(words.join(' '), true)]
        : [result(words.slice(0, 2).join(' '), false), result(words.slice(2).join(' '), false)];
      return captions.result({ resultIndex: again ? 0 : i, results: [...before, ...now] });
    });
  },
};

function said(
  utterances: Hearing['utterances'],
  message: (i: number, count: number, isFinal: boolean, again: boolean, atMs: number) => CaptionInput[],
): [number, CaptionInput[]][] {
  return utterances.flatMap(({ words, interims, again }, i): [number, CaptionInput[]][] => {
    const at = (count: number): number => i * SPAN_MS + count * WORD_MS + 37;
    const before = interims.filter((count) => count <= words);
    return [
      ...before.map((count, j): [number, CaptionInput[]] => [
        at(count) + j,
        message(i, count, false, false, at(count) + j),
      ]),
      [at(words) + 20, message(i, words, true, false, at(words) + 20)],
      ...(again ? [[at(words) + 150, message(i, words, true, true, at(words) + 150)] as [number, CaptionInput[]]] : []),
    ];
  });
}

function session(captions: readonly [number, CaptionInput[]][]): Promise<Played> {
  const inputs = captions.flatMap(([atMs, list]) =>
    list.map((caption): [number, PipelineInput] => [
      atMs,
      { kind: 'caption', caption: Caption.parse(toSnake({ type: 'caption', ...caption })) },
    ]),
  );
  return play({ video: [[0, 8000]], inputs, untilMs: 8000 }, { mode: 'live' });
}

describe.each(Object.keys(RECOGNISERS))('what %s says', (name) => {
  const captionsOf = (heard: Hearing): [number, CaptionInput[]][] => RECOGNISERS[name]?.(heard) ?? [];

  it('reaches the text encoder with every word once, and all of them in the end', async () => {
    await fc.assert(
      fc.asyncProperty(hearing, async (heard) => {
        const { model, problems, totals } = await session(captionsOf(heard));
        expect(problems).toEqual([]);
        expect(totals.captions).toBeGreaterThan(0);
        const texts = model.encoded.flatMap(({ input }) =>
          input.kind === 'text' ? [input.text.replaceAll('.', '').split(' ')] : [],
        );
        for (const words of texts) expect(new Set(words).size).toBe(words.length);
        const every = heard.utterances.flatMap(({ words }, i) => wordsOf(i, words));
        expect(new Set(texts.flat())).toEqual(new Set(every));
      }),
      { numRuns: 25 },
    );
  });
});

it('a formatted turn revises the windows that its turn reached', async () => {
  const heard: Hearing = { utterances: [{ words: 3, interims: [1, 2], again: true }] };
  const captions = RECOGNISERS['assemblyai']?.(heard) ?? [];
  const { revised, results, model } = await session([...captions.slice(0, -1), [1300, captions.at(-1)?.[1] ?? []]]);
  expect(revised.map(({ pts_ms: ptsMs }) => ptsMs)).toEqual([750, 1000, 1250]);
  for (const { supersedes, score } of revised) {
    const before = results.find(({ seq }) => seq === supersedes);
    expect(before?.modalities.text).toMatchObject({ source: 'observed', is_final: true });
    expect(before?.score).not.toBe(score);
  }
  expect(model.encoded.findLast(({ input }) => input.kind === 'text')?.input).toMatchObject({
    text: 'u0w0 u0w1 u0w2.',
  });
});
