import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toCamel } from '../../../client/sdk/camel-case.ts';
import { Announcer } from '../../../client/web/src/view/announcer.ts';
import { sentimentResult } from '../../support/protocol-server.ts';
import type { Result, Reunion } from '../../../client/sdk/index.ts';

type Source = Result['modalities'][string]['source'];

let told: string[];
let announcer: Announcer;
const nothingOff: ReadonlySet<string> = new Set();

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  announcer = new Announcer({
    set textContent(text: string) {
      told.push(text);
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const SCORES = { negative: -1.5, neutral: 0, positive: 1.5 };

/** A result, and a second of the clock. */
function read(
  label: Result['label'],
  video: Source,
  text: Source,
  ageMs = 0,
  score = label === null ? null : SCORES[label],
): void {
  const part = (source: Source) => ({ source, cause: null, coverage: 0.5, age_ms: ageMs, fidelity: null });
  const modalities = { video: part(video), text: part(text) };
  announcer.result(toCamel(sentimentResult(0, { score, label, modalities })), nothingOff);
  vi.advanceTimersByTime(1000);
}

const reunion = (modality: string, cosine: number): Reunion => ({
  type: 'modality.reunion',
  modality,
  ptsMs: 0,
  gapMs: 4000,
  cosine,
  scoreJump: 0,
});

test('begins with the label and every stream, and says nothing while nothing changes', () => {
  for (let i = 0; i < 20; i++) read('positive', i % 2 === 0 ? 'observed' : 'mixed', 'observed');
  expect(told).toEqual(['Positive. Video is observed. Captions are observed.']);
});

test('tells only of the stream that changed, as it is when it is told', () => {
  read('positive', 'observed', 'observed');
  read('positive', 'virtual', 'observed', 1000);
  for (let i = 3; i < 8; i++) read('positive', 'virtual', 'observed', i * 1000);
  expect(told.slice(1)).toEqual(['Video dropped 6 s ago: what it would tell is synthesised from the captions.']);
});

test('a change that is over before it is told is not told', () => {
  read('positive', 'observed', 'observed');
  read('positive', 'virtual', 'observed');
  for (let i = 0; i < 8; i++) read('positive', 'observed', 'observed');
  expect(told).toHaveLength(1);
});

test('tells of the label at most every half minute, but at once that there is none', () => {
  for (let i = 0; i < 40; i++) read(i % 2 === 0 ? 'negative' : 'positive', 'observed', 'observed');
  expect(told.slice(1)).toEqual(['Positive.']);
  for (let i = 0; i < 8; i++) read(null, 'absent', 'absent', 1000);
  expect(told[2]).toMatch(/^Nothing to read\. Video dropped 1 s ago, and nothing is left/);
});

test('calls a label against the sign of its score what the gauge calls it', () => {
  read('negative', 'observed', 'observed', 0, 0.3);
  expect(told).toEqual(['Mixed. Video is observed. Captions are observed.']);
});

test('tells that no reading comes, and of the next one, also where it is the same', () => {
  read('positive', 'observed', 'observed');
  announcer.silence();
  vi.advanceTimersByTime(30_000);
  read('positive', 'observed', 'observed');
  vi.advanceTimersByTime(30_000);
  expect(told.slice(1)).toEqual(['No reading. The server has sent no fresh one for a while.', 'Positive.']);
});

test('a silence that is over before it is told is not told', () => {
  read('positive', 'observed', 'observed');
  announcer.silence();
  read('positive', 'observed', 'observed');
  vi.advanceTimersByTime(30_000);
  announcer.silence();
  announcer.connection(false);
  vi.advanceTimersByTime(30_000);
  expect(told.slice(1)).toEqual([
    'No reading. The server has sent no fresh one for a while.',
    'No connection. Trying to reach the server again.',
  ]);
});

test('loses no reunion, and tells of the return once', () => {
  read('positive', 'virtual', 'observed');
  announcer.reunion(reunion('video', 0.812));
  read('positive', 'observed', 'virtual');
  announcer.reunion(reunion('text', -0.1));
  for (let i = 0; i < 8; i++) read('positive', 'observed', 'observed');
  expect(told.slice(1)).toEqual([
    'Video back; the synthesis had matched by 0.81. Captions back; the synthesis had matched by −0.10.',
  ]);
});

test('tells when the connection is lost and when it is back, and nothing stale between', () => {
  read('positive', 'observed', 'observed');
  read('positive', 'virtual', 'observed');
  announcer.connection(false);
  announcer.connection(false);
  vi.advanceTimersByTime(30_000);
  announcer.connection(true);
  vi.advanceTimersByTime(30_000);
  expect(told.slice(1)).toEqual(['No connection. Trying to reach the server again.', 'Connected again.']);
});

test('says nothing more after stop, and begins anew', () => {
  read('positive', 'observed', 'observed');
  read('positive', 'virtual', 'observed');
  announcer.reunion(reunion('text', 0.5));
  announcer.stop();
  vi.advanceTimersByTime(60_000);
  expect(told.slice(1)).toEqual(['']);
  read('neutral', 'observed', 'observed');
  expect(told.at(-1)).toBe('Neutral. Video is observed. Captions are observed.');
});
