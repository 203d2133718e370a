import { describe, expect, test } from 'vitest';
import { deepgramCaptions } from '../../../../client/sdk/index.ts';
import { gist } from './gist.ts';

/** A `Results` message in the published form, words of 0.3 s one after the other. */
function results(
  text: string,
  [start, duration]: readonly [number, number],
  more: object = {},
  speaker?: number,
): object {
  const words = text
    .split(' ')
    .filter(Boolean)
    .map((word, i) => ({
      word: word.toLowerCase(),
      punctuated_word: word,
      start: start + 0.3 * i + 0.1,
      end: start + 0.3 * i + 0.4,
      confidence: 0.97,
      ...(speaker === undefined ? {} : { speaker }),
    }));
  return {
    type: 'Results',
    channel_index: [0, 1],
    duration,
    start,
    is_final: false,
    speech_final: false,
    channel: { alternatives: [{ transcript: text, confidence: 0.98, words }] },
    metadata: { request_id: 'b1', model_info: { name: 'nova-3', version: '1', arch: 'nova-3' }, model_uuid: 'm' },
    from_finalize: false,
    ...more,
  };
}
const final = { is_final: true };

describe('deepgramCaptions', () => {
  test('interim results grow into a final one, and the next segment begins', () => {
    const read = deepgramCaptions({ prefix: 'd' });
    const captions = [
      { type: 'Metadata', transaction_key: 'deprecated', request_id: 'b1', created: 'now', duration: 0, channels: 1 },
      { type: 'SpeechStarted', channel: [0], timestamp: 0.2 },
      results('', [0, 1]),
      results('well', [0, 2]),
      results('well i', [0, 2.2]),
      results('well i', [0, 2.4]),
      results('Well, I am', [0, 3.1], final),
      results('', [3.1, 1], final),
      results('fine', [4.1, 1]),
      results('Fine.', [4.1, 1.4], { is_final: true, speech_final: true }),
      { type: 'UtteranceEnd', channel: [0, 1], last_word_end: 4.5 },
    ].flatMap((message) => read(message));
    expect(captions.map(gist)).toEqual([
      'd-0-0 r0 interim 100-400 well',
      'd-0-0 r1 interim 100-700 well i',
      'd-0-0 r2 final 100-1000 Well, I am',
      'd-0-1 r0 interim 4200-4500 fine',
      'd-0-1 r1 final 4200-4500 Fine.',
    ]);
    expect(captions.every(({ confidence }) => confidence === 0.98)).toBe(true);
  });

  test('JSON text is read, and times count from the start of the audio', () => {
    const read = deepgramCaptions({ prefix: 'd', offsetMs: 2500.4 });
    expect(read(JSON.stringify(results('hello', [1, 1], final))).map(gist)).toEqual(['d-0-0 r0 final 3600-3900 hello']);
  });

  test('a final that comes again says nothing new, and another wording of it is a revision', () => {
    const read = deepgramCaptions({ prefix: 'd' });
    const captions = [
      results('good day', [0, 1], final),
      results('good day', [0, 1], final),
      results('Good day!', [0, 1], { ...final, from_finalize: true }),
      results('bye', [1, 1], final),
    ].flatMap((message) => read(message));
    expect(captions.map(gist)).toEqual([
      'd-0-0 r0 final 100-700 good day',
      'd-0-0 r1 final 100-700 Good day!',
      'd-0-1 r0 final 1100-1400 bye',
    ]);
  });

  test('words that turn out to be none are taken back', () => {
    const read = deepgramCaptions({ prefix: 'd' });
    const captions = [results('uh', [0, 1]), results('', [0, 1.5], final), results('yes', [1.5, 1], final)];
    expect(captions.flatMap((message) => read(message)).map(gist)).toEqual([
      'd-0-0 r0 interim 100-400 uh',
      'd-0-0 r1 final 0-1500 ',
      'd-0-1 r0 final 1600-1900 yes',
    ]);
  });

  test('channels have segments of their own, and one speaker is named', () => {
    const read = deepgramCaptions({ prefix: 'd' });
    const [left, right] = [
      read(results('left', [0, 1], {}, 0)),
      read(results('right', [0, 1], { channel_index: [1, 2] }, 3)),
    ];
    expect([...left, ...right].map(({ segmentId, speaker }) => [segmentId, speaker])).toEqual([
      ['d-0-0', 'speaker 0'],
      ['d-1-0', 'speaker 3'],
    ]);
  });

  test.each([
    ['text that is no JSON', '<html>', /not JSON/],
    ['nothing', null, /not a message of Deepgram: Invalid input/],
    ['no type', { start: 0 }, /not a message of Deepgram/],
    ['results without a channel', { type: 'Results', start: 0, duration: 1 }, /not a message of Deepgram/],
    ['a time that is none', results('x', [-1, 1]), /not a message of Deepgram/],
    ['a transcript that is none', { ...results('x', [0, 1]), channel: { alternatives: [{ transcript: 7 }] } }, /not a/],
  ])('%s is bad_caption, and what follows is read', (_, message, text) => {
    const read = deepgramCaptions({ prefix: 'd' });
    read(results('a', [0, 1]));
    expect(() => read(message)).toThrow(
      expect.objectContaining({ code: 'bad_caption', message: expect.stringMatching(text) }),
    );
    expect(read(results('a b', [0, 1.5], final)).map(gist)).toEqual(['d-0-0 r1 final 100-700 a b']);
  });

  test('two readers never share segments', () => {
    const ids = [deepgramCaptions(), deepgramCaptions()].map((read) => read(results('a', [0, 1]))[0]?.segmentId);
    expect(new Set(ids).size).toBe(2);
  });

  test('a turn of Flux is one segment, final when it ends and not when it may', () => {
    const read = deepgramCaptions({ prefix: 'f' });
    const turn = (event: string, transcript: string, until: number, more: object = {}): object => ({
      type: 'TurnInfo',
      request_id: 'r',
      sequence_id: 1,
      event,
      turn_index: 0,
      audio_window_start: 0.5,
      audio_window_end: until,
      transcript,
      words: transcript
        .split(' ')
        .filter(Boolean)
        .map((word) => ({ word, confidence: 0.9 })),
      end_of_turn_confidence: 0.2,
      ...more,
    });
    const captions = [
      { type: 'Connected', request_id: 'r', sequence_id: 0 },
      turn('Update', '', 0.75),
      turn('StartOfTurn', 'I', 1),
      turn('Update', 'I', 1.25),
      turn('EagerEndOfTurn', 'I am', 1.5),
      turn('TurnResumed', 'I am fine', 2),
      turn('EagerEndOfTurn', 'I am fine', 2.25),
      turn('EndOfTurn', 'I am fine', 2.5),
      turn('StartOfTurn', 'Bien', 4, { turn_index: 1, audio_window_start: 3, languages: ['es'] }),
    ].flatMap((message) => read(message));
    expect(captions.map(gist)).toEqual([
      'f-turn-0 r0 interim 500-1000 I',
      'f-turn-0 r1 interim 500-1500 I am',
      'f-turn-0 r2 interim 500-2000 I am fine',
      'f-turn-0 r3 final 500-2000 I am fine',
      'f-turn-1 r0 interim 3000-4000 Bien',
    ]);
    expect(captions[0]?.confidence).toBeCloseTo(0.9, 9);
    expect(captions.at(-1)?.language).toBe('es');
    expect(() => read(turn('Update', 'x', -1))).toThrow(/not a message of Deepgram/);
  });
});
