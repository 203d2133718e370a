import { beforeEach, describe, expect, test } from 'vitest';
import { webSpeechCaptions } from '../../../../client/sdk/index.ts';
import { gist } from './gist.ts';
import type { WebSpeechCaptions } from '../../../../client/sdk/index.ts';

/** Like the browser's objects: what there is to read lies on the prototype, and lists are no arrays. */
class List {
  readonly #items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.#items = items;
    for (const [i, item] of items.entries()) Object.defineProperty(this, i, { get: () => item });
  }

  get length(): number {
    return this.#items.length;
  }
}

class Result extends List {
  readonly #isFinal: boolean;

  constructor(transcript: string, isFinal: boolean, confidence = 0.9) {
    super([{ transcript, confidence }]);
    this.#isFinal = isFinal;
  }

  get isFinal(): boolean {
    return this.#isFinal;
  }
}

class Event {
  readonly #fields: readonly [number, List];

  constructor(resultIndex: number, results: readonly Result[]) {
    this.#fields = [resultIndex, new List(results)];
  }

  get resultIndex(): number {
    return this.#fields[0];
  }

  get results(): List {
    return this.#fields[1];
  }
}

const interim = (text: string): Result => new Result(text, false, 0);
const final = (text: string): Result => new Result(text, true);

describe('webSpeechCaptions', () => {
  let now = 0;
  let captions: WebSpeechCaptions;
  const hear = (atMs: number, resultIndex: number, ...results: Result[]): string[] => {
    now = atMs;
    return captions.result(new Event(resultIndex, results)).map(gist);
  };

  beforeEach(() => {
    captions = webSpeechCaptions({ nowMs: () => now, prefix: 'w', language: 'en-GB' });
  });

  test('interim results grow into a final one, and the next place is the next segment', () => {
    expect(hear(1000, 0, interim('what'))).toEqual(['w-0 r0 interim 500-1000 what']);
    expect(hear(1300, 0, interim('what a'))).toEqual(['w-0 r1 interim 500-1300 what a']);
    expect(hear(1900, 0, final('What a day'))).toEqual(['w-0 r2 final 500-1900 What a day']);
    expect(hear(3000, 1, final('What a day'), interim(' it'))).toEqual(['w-1 r0 interim 2500-3000 it']);
  });

  test('what was split over several places and is joined again counts once', () => {
    expect(hear(1000, 0, interim('hello'), interim(' wor'))).toEqual([
      'w-0 r0 interim 500-1000 hello',
      'w-1 r0 interim 500-1000 wor',
    ]);
    expect(hear(1400, 0, final('hello world'))).toEqual([
      'w-1 r1 final 500-1000 ',
      'w-0 r1 final 500-1400 hello world',
    ]);
    expect(hear(4000, 1, final('hello world'), interim('again'))).toEqual(['w-2 r0 interim 3500-4000 again']);
  });

  test('a final result that is repeated says nothing new', () => {
    hear(1000, 0, final('yes'));
    expect(hear(2000, 0, final('yes'), interim('and'))).toEqual(['w-1 r0 interim 1500-2000 and']);
    expect(hear(2500, 0, final('Yes.'), final('and no'))).toEqual([
      'w-0 r1 final 500-2500 Yes.',
      'w-1 r1 final 1500-2500 and no',
    ]);
  });

  test('final results that grow from place to place, as on Android, are one segment', () => {
    const [one, two, three] = [
      new Result('hi', true, 0),
      new Result('hi wie', true, 0),
      new Result('Hi, wie gehts', true),
    ];
    const empty = new Result('', true, 0);
    expect(hear(1000, 0, empty)).toEqual([]);
    expect(hear(1200, 1, empty, one)).toEqual(['w-0 r0 final 700-1200 hi']);
    expect(hear(1500, 2, empty, one, two)).toEqual(['w-0 r1 final 700-1500 hi wie']);
    expect(hear(1900, 0, empty, one, two, three)).toEqual(['w-0 r2 final 700-1900 Hi, wie gehts']);
    expect(hear(2600, 4, empty, one, two, three, new Result('hi wie gehts', true))).toEqual([
      'w-0 r3 final 700-2600 hi wie gehts',
    ]);
    expect(hear(4000, 5, empty, one, two, three, three, final('Gut'))).toEqual(['w-1 r0 final 3500-4000 Gut']);
  });

  test('words that are said again after a while, or come as interim ones, count again', () => {
    hear(1000, 0, final('no'));
    expect(hear(1500, 1, final('no'), interim('no'))).toEqual(['w-1 r0 interim 1000-1500 no']);
    expect(hear(2000, 1, final('no'), final('no'))).toEqual(['w-1 r1 final 1000-2000 no']);
    expect(hear(9000, 2, final('no'), final('no'), final('no'))).toEqual(['w-2 r0 final 8500-9000 no']);
  });

  test('an end keeps what was heard, and places count anew', () => {
    hear(1000, 0, final('one'), interim('two'));
    expect(captions.end().map(gist)).toEqual(['w-1 r1 final 500-1000 two']);
    expect(captions.end()).toEqual([]);
    expect(hear(3000, 0, interim('three'))).toEqual(['w-2 r0 interim 2500-3000 three']);
  });

  test('confidence is left out where the browser does not know it; the language is told', () => {
    now = 900;
    const [first] = captions.result(new Event(0, [interim('a')]));
    const [second] = captions.result(new Event(0, [final('a b')]));
    expect([first?.confidence, second?.confidence, first?.language]).toEqual([undefined, 0.9, 'en-GB']);
  });

  test.each([
    ['nothing', undefined],
    ['an event of another kind', { error: 'no-speech' }],
    ['results that are no list', { resultIndex: 0, results: 'none' }],
    ['a result without an alternative', { resultIndex: 0, results: [{ isFinal: true }] }],
    ['a result without isFinal', { resultIndex: 0, results: [[{ transcript: 'x' }]] }],
  ])('%s is bad_caption, and what follows is read', (_, event) => {
    hear(1000, 0, interim('a'));
    expect(() => captions.result(event)).toThrow(expect.objectContaining({ code: 'bad_caption' }));
    expect(hear(1200, 0, final('a b'))).toEqual(['w-0 r1 final 500-1200 a b']);
  });
});
