import { describe, expect, test } from 'vitest';
import { assemblyAiCaptions } from '../../../../client/sdk/index.ts';
import { gist } from './gist.ts';

/** A word of 200 ms at its place; one that may still change ends in `?`. */
const wordOf = (text: string, i: number): object => ({
  start: 1000 + 300 * i,
  end: 1200 + 300 * i,
  text: text.replace('?', ''),
  confidence: 0.9,
  word_is_final: !text.endsWith('?'),
});

/** A `Turn` in the published form: `transcript` has the final words alone. */
function turn(words: string, more: object = {}): object {
  const list = words.split(' ').filter(Boolean);
  return {
    turn_order: 0,
    turn_is_formatted: false,
    end_of_turn: false,
    transcript: list.filter((word) => !word.endsWith('?')).join(' '),
    end_of_turn_confidence: 0.01,
    words: list.map(wordOf),
    utterance: '',
    type: 'Turn',
    ...more,
  };
}
const ended = { end_of_turn: true };
const formatted = { ...ended, turn_is_formatted: true };

describe('assemblyAiCaptions', () => {
  test('a turn grows word by word; its formatted turn revises the same utterance', () => {
    const read = assemblyAiCaptions({ prefix: 'a' });
    const captions = [
      { type: 'Begin', id: 'de5d', expires_at: 1_759_796_682 },
      { type: 'SpeechStarted', timestamp: 960, confidence: 0.9 },
      turn(''),
      turn('hi?'),
      turn('hi my?'),
      turn('hi my name is?'),
      turn('hi my name is ann', ended),
      turn('Hi, my name is Ann.', formatted),
      turn('so?', { turn_order: 1 }),
      { type: 'Termination', audio_duration_seconds: 9, session_duration_seconds: 9 },
    ].flatMap((message) => read(message));
    expect(captions.map(gist)).toEqual([
      'a-0 r0 interim 1000-1200 hi',
      'a-0 r1 interim 1000-1500 hi my',
      'a-0 r2 interim 1000-2100 hi my name is',
      'a-0 r3 final 1000-2400 hi my name is ann',
      'a-0 r4 final 1000-2400 Hi, my name is Ann.',
      'a-1 r0 interim 1000-1200 so',
    ]);
    expect(captions[0]?.confidence).toBeCloseTo(0.9, 10);
  });

  test('a formatted turn that comes after the next turn began still revises its own', () => {
    const read = assemblyAiCaptions({ prefix: 'a', offsetMs: 500 });
    const captions = [
      turn('yes no', ended),
      turn('and?', { turn_order: 1 }),
      turn('Yes. No.', formatted),
      turn('and so', { turn_order: 1, ...ended }),
    ].flatMap((message) => read(JSON.stringify(message)));
    expect(captions.map(gist)).toEqual([
      'a-0 r0 final 1500-2000 yes no',
      'a-1 r0 interim 1500-1700 and',
      'a-0 r1 final 1500-2000 Yes. No.',
      'a-1 r1 final 1500-2000 and so',
    ]);
  });

  test('pending words that the transcript has already do not count twice', () => {
    const read = assemblyAiCaptions({ prefix: 'a' });
    const partial = turn('My? name? is?', { transcript: 'My name is—' });
    const last = turn('My name is Ann.', formatted);
    expect([partial, last].flatMap((message) => read(message)).map(({ text, isFinal }) => [text, isFinal])).toEqual([
      ['My name is—', false],
      ['My name is Ann.', true],
    ]);
  });

  test('a formatted turn without words keeps the times of the turn', () => {
    const read = assemblyAiCaptions({ prefix: 'a' });
    read(turn('well done', ended));
    expect(read(turn('', { ...formatted, transcript: 'Well done.', words: [] })).map(gist)).toEqual([
      'a-0 r1 final 1000-1500 Well done.',
    ]);
  });

  test('a turn longer than a caption may be keeps its end', () => {
    const read = assemblyAiCaptions();
    const transcript = `${'word '.repeat(2000)}end`;
    const [caption] = read(turn('word end', { ...ended, transcript }));
    expect(caption?.text.length).toBeLessThanOrEqual(4096);
    expect(caption?.text).toMatch(/^word .* end$/);
  });

  test('and so does one of a script without spaces, whatever word with a space comes last', () => {
    const read = assemblyAiCaptions();
    const [caption] = read(turn('', { ...ended, transcript: `${'今日は楽しい。'.repeat(1000)} ありがとう` }));
    expect(caption?.text.length).toBeGreaterThan(4090);
    expect(caption?.text).toMatch(/楽しい。 ありがとう$/);
  });

  test.each([
    ['text that is no JSON', '{'],
    ['a list', []],
    ['a turn without its order', { ...turn('x'), turn_order: undefined }],
    ['a transcript that is none', { ...turn('x'), transcript: null }],
    ['words that are none', { ...turn('x'), words: [{ text: 'x' }] }],
    ['an older version', { message_type: 'PartialTranscript', text: 'x' }],
  ])('%s is bad_caption, and what follows is read', (_, message) => {
    const read = assemblyAiCaptions({ prefix: 'a' });
    read(turn('a?'));
    expect(() => read(message)).toThrow(expect.objectContaining({ code: 'bad_caption' }));
    expect(read(turn('a b', ended)).map(gist)).toEqual(['a-0 r1 final 1000-1500 a b']);
  });
});
