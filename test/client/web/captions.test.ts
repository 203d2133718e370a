import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CueSpeaker } from '../../../client/web/src/captions/cue-speaker.ts';
import { Listener } from '../../../client/web/src/captions/listener.ts';
import { Typist } from '../../../client/web/src/captions/typist.ts';
import type { Words } from '../../../client/web/src/captions/words.ts';

let said: Words[];
const say = (words: Words): number => said.push(words);
const gist = (): unknown[] => said.map(({ text, isFinal, endMs }) => [text, isFinal, endMs]);

beforeEach(() => {
  said = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('CueSpeaker', () => {
  const cues = [
    { startMs: 1000, endMs: 3000, text: 'one two three four' },
    { startMs: 3000, endMs: 4000, text: 'five' },
  ];

  test('speaks word by word, and makes a cue final when it is over', () => {
    const speaker = new CueSpeaker(cues, say);
    for (let clipMs = 0; clipMs <= 4400; clipMs += 200) speaker.tick(clipMs, 10_000 + clipMs);
    expect(gist()).toEqual([
      ['one', false, 11_000],
      ['one two', false, 11_600],
      ['one two three', false, 12_200],
      ['one two three four', false, 12_600],
      ['one two three four', true, 13_000],
      ['five', false, 13_000],
      ['five', true, 14_000],
    ]);
    expect(
      said.map(({ segmentId, revision, startMs }) => [segmentId === said[0]?.segmentId, revision, startMs]),
    ).toEqual([
      [true, 0, 11_000],
      [true, 1, 11_000],
      [true, 2, 11_000],
      [true, 3, 11_000],
      [true, 4, 11_000],
      [false, 0, 13_000],
      [false, 1, 13_000],
    ]);
  });

  test('a loop ends what is being said, and says it again as another segment', () => {
    const speaker = new CueSpeaker(cues, say);
    speaker.tick(3500, 3500);
    speaker.tick(0, 4000);
    speaker.tick(3500, 7500);
    expect(gist()).toEqual([
      ['five', false, 3500],
      ['five', true, 4000],
      ['five', false, 7500],
    ]);
    expect(said[2]?.segmentId).not.toBe(said[0]?.segmentId);
  });

  test('a cue as long as the clip is said again in every round', () => {
    const speaker = new CueSpeaker([{ startMs: 0, endMs: 3000, text: 'one two' }], say);
    for (let nowMs = 0; nowMs <= 6000; nowMs += 1000) speaker.tick(nowMs % 3000, nowMs);
    expect(said.map(({ text, isFinal, startMs, endMs }) => [text, isFinal, startMs, endMs])).toEqual([
      ['one', false, 0, 0],
      ['one two', false, 0, 2000],
      ['one two', true, 0, 3000],
      ['one', false, 3000, 3000],
      ['one two', false, 3000, 5000],
      ['one two', true, 3000, 6000],
      ['one', false, 6000, 6000],
    ]);
    expect(new Set(said.map(({ segmentId }) => segmentId)).size).toBe(3);
  });

  test('a cue that began before the session does not start before its time 0', () => {
    new CueSpeaker(cues, say).tick(2900, 100);
    expect(said[0]).toMatchObject({ startMs: 0, endMs: 100 });
  });

  test('speaks cues that overlap each in its own time, and those too short to be noticed', () => {
    const overlapping = [
      { startMs: 0, endMs: 6000, text: 'Meanwhile, in Rome' },
      { startMs: 1000, endMs: 2000, text: 'yes' },
      { startMs: 3050, endMs: 3060, text: 'no' },
    ];
    const speaker = new CueSpeaker(overlapping, say);
    for (let clipMs = 0; clipMs <= 6200; clipMs += 200) speaker.tick(clipMs, clipMs);
    expect(said.filter(({ isFinal }) => isFinal).map(({ text, startMs, endMs }) => [text, startMs, endMs])).toEqual([
      ['yes', 1000, 2000],
      ['no', 3050, 3600],
      ['Meanwhile, in Rome', 0, 6000],
    ]);
  });
});

describe('Typist', () => {
  const start = Date.now;
  let originMs = 0;
  beforeEach(() => {
    originMs = start();
    vi.setSystemTime(originMs);
  });
  const typist = (): Typist => new Typist(() => Date.now() - originMs, say);

  test('sends the text as it grows, at most every 300 ms, and the newest always', () => {
    const typing = typist();
    for (const text of ['h', 'he', 'hel', 'hell', 'hello']) {
      typing.type(text);
      vi.advanceTimersByTime(100);
    }
    vi.advanceTimersByTime(1000);
    expect(gist()).toEqual([
      ['h', false, 0],
      ['hel', false, 300],
      ['hello', false, 600],
    ]);
  });

  test('Enter makes the text final at once, and the next key begins another segment', () => {
    const typing = typist();
    typing.type('hi');
    vi.advanceTimersByTime(100);
    typing.type('hi there');
    typing.enter('hi there ');
    vi.advanceTimersByTime(1000);
    typing.type('and');
    expect(gist()).toEqual([
      ['hi', false, 0],
      ['hi there', true, 100],
      ['and', false, 1100],
    ]);
    expect(said.map(({ revision }) => revision)).toEqual([0, 1, 0]);
    expect(said[2]?.segmentId).not.toBe(said[0]?.segmentId);
  });

  test('taking every letter back takes the caption back', () => {
    const typing = typist();
    typing.type('oops');
    vi.advanceTimersByTime(500);
    typing.type('');
    typing.enter('');
    expect(gist()).toEqual([
      ['oops', false, 0],
      ['', false, 500],
      ['', true, 500],
    ]);
  });

  test.each(['', '   '])('nothing but %j is nothing', (text) => {
    const typing = typist();
    typing.type(text);
    typing.enter(text);
    expect(said).toEqual([]);
  });

  test('says nothing more after stop', () => {
    const typing = typist();
    typing.type('a');
    typing.type('ab');
    typing.stop();
    vi.advanceTimersByTime(1000);
    expect(gist()).toEqual([['a', false, 0]]);
  });

  test('the run after a stop, whose time begins at 0, sends as it is typed', () => {
    const typing = typist();
    vi.advanceTimersByTime(60_000);
    typing.type('before');
    typing.stop();
    originMs = Date.now();
    typing.type('after');
    expect(gist()).toEqual([
      ['before', false, 60_000],
      ['after', false, 0],
    ]);
  });
});

describe('Listener', () => {
  type Heard = 'result' | 'error' | 'end';
  let made: Recognition[] = [];
  /** The browser's, as the test makes it hear. */
  class Recognition {
    readonly starts = vi.fn<() => void>();
    readonly #listeners = new Map<string, (event: unknown) => void>();
    constructor() {
      made.push(this);
    }
    addEventListener(type: string, listener: (event: unknown) => void): void {
      this.#listeners.set(type, listener);
    }
    start(): void {
      this.starts();
    }
    abort(): void {
      // Its end is told later.
    }
    tell(type: Heard, event: unknown = {}): void {
      this.#listeners.get(type)?.(event);
    }
    hear(transcript: string): void {
      this.tell('result', { resultIndex: 0, results: [{ isFinal: false, 0: { transcript } }] });
    }
  }
  beforeEach(() => {
    made = [];
    vi.stubGlobal('SpeechRecognition', Recognition);
    vi.stubGlobal('navigator', { language: 'en' });
  });
  afterEach(() => void vi.unstubAllGlobals());

  test('what was heard is final when listening stops, and what comes after that is nothing', () => {
    const listener = new Listener(
      () => 60_000,
      say,
      () => undefined,
    );
    listener.start();
    made[0]?.hear('good morning');
    listener.stop();
    const stopped = ['good morning', 'good morning'];
    expect(said.map(({ text }) => text)).toEqual(stopped);
    expect(said.map(({ isFinal }) => isFinal)).toEqual([false, true]);
    made[0]?.hear('good morning to you');
    made[0]?.tell('end');
    vi.advanceTimersByTime(1000);
    expect(said.map(({ text }) => text)).toEqual(stopped);
    expect([listener.listening, made[0]?.starts.mock.calls.length]).toEqual([false, 1]);
  });

  test('goes on where the browser ends it in a pause', () => {
    const listener = new Listener(
      () => 0,
      say,
      () => undefined,
    );
    listener.start();
    made[0]?.hear('one');
    made[0]?.tell('end');
    vi.advanceTimersByTime(1000);
    made[0]?.hear('two');
    expect(said.map(({ text, isFinal }) => [text, isFinal])).toEqual([
      ['one', false],
      ['one', true],
      ['two', false],
    ]);
    expect(made[0]?.starts).toHaveBeenCalledTimes(2);
    listener.stop();
  });

  test.each([
    [true, 'not-allowed', /Allow it in the address bar/],
    [false, 'not-allowed', /only over https or on localhost/],
    [false, 'audio-capture', /No microphone/],
    [true, 'aborted', /when another page begins to\. Start again here/],
  ])('on a page of which it is %s that it is secure, %s is told as what it is', (isSecure, error, words) => {
    vi.stubGlobal('isSecureContext', isSecure);
    const told: string[] = [];
    const listener = new Listener(
      () => 0,
      say,
      (text) => told.push(text),
    );
    listener.start();
    made[0]?.tell('error', { error });
    made[0]?.tell('end');
    vi.advanceTimersByTime(1000);
    expect(told).toEqual([expect.stringMatching(words)]);
    expect([listener.listening, made[0]?.starts.mock.calls.length]).toEqual([false, 1]);
  });
});
