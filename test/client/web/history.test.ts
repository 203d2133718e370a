import { describe, expect, test } from 'vitest';
import { toCamel } from '../../../client/sdk/camel-case.ts';
import { History } from '../../../client/web/src/view/history.ts';
import { sentimentResult } from '../../support/protocol-server.ts';
import type { Result, Revision } from '../../../client/sdk/index.ts';
import type { Source } from '../../../client/web/src/view/history.ts';

function result(ptsMs: number, score: number | null = 1, video: Source = 'observed', seq = ptsMs / 250): Result {
  const part = { source: video, cause: null, coverage: 1, age_ms: 0, fidelity: null };
  const state = score === null ? 'insufficient' : 'ok';
  return toCamel(sentimentResult(seq, { pts_ms: ptsMs, score, state, modalities: { video: part } }));
}

function history(...results: Result[]): History {
  const made = new History(60_000);
  for (const each of results) made.add(each);
  return made;
}

function revised(supersedes: number, ptsMs: number): Revision {
  const body = sentimentResult(9, { pts_ms: ptsMs, score: -2 });
  return toCamel({ ...body, type: 'sentiment.revised' as const, supersedes });
}

const times = (made: History): number[][] => made.runs().map((run) => run.map(({ ptsMs }) => ptsMs));

describe('runs', () => {
  test.each([
    ['nothing', [], []],
    ['unbroken results', [result(250), result(500), result(750)], [[250, 500, 750]]],
    ['an insufficient result', [result(250), result(500, null), result(750)], [[250], [750]]],
    ['missing results', [result(250), result(500), result(2000)], [[250, 500], [2000]]],
    ['one result too few', [result(250), result(750)], [[250, 750]]],
    ['only insufficient results', [result(250, null), result(500, null)], []],
  ])('of %s', (_, results, expected) => {
    expect(times(history(...results))).toEqual(expected);
  });
});

describe('spans', () => {
  test('join hops of one source, begin a hop before the first, and leave silence out', () => {
    const made = history(
      result(250),
      result(500),
      result(750, 1, 'mixed'),
      result(1000, 1, 'virtual'),
      result(1250, 1, 'virtual'),
      result(9000, null, 'absent'),
    );
    expect(made.spans('video')).toEqual([
      { startMs: 0, endMs: 500, source: 'observed' },
      { startMs: 500, endMs: 750, source: 'mixed' },
      { startMs: 750, endMs: 1250, source: 'virtual' },
      { startMs: 8750, endMs: 9000, source: 'absent' },
    ]);
    expect(made.spans('smell')).toEqual([]);
  });
});

test('keeps the last minute only', () => {
  const made = history(...Array.from({ length: 400 }, (_, i) => result(250 * (i + 1))));
  expect(made.points[0]?.ptsMs).toBe(100_000 - 60_000 - 500);
  expect(made.last?.ptsMs).toBe(100_000);
});

test('puts late results in their place and a repeated time in place of the first', () => {
  const made = history(result(250), result(750), result(500, 2), result(750, -1));
  expect(made.points.map(({ ptsMs, score }) => [ptsMs, score])).toEqual([
    [250, 1],
    [500, 2],
    [750, -1],
  ]);
});

test('a revision replaces what it supersedes, but not a result of an earlier session', () => {
  const made = history(result(250), result(500));
  made.revise(revised(2, 500));
  made.revise(revised(77, 750));
  expect(made.points.map(({ score }) => score)).toEqual([1, -2]);
  made.follow({ hopMs: 250, resumed: true });
  made.revise({ ...revised(1, 250), score: 0 });
  made.follow({ hopMs: 250, resumed: false });
  made.revise(revised(9, 250));
  expect(made.points.map(({ score }) => score)).toEqual([0, -2]);
});

test('goes on with what was drawn before the page was loaded again', () => {
  const before = history(result(250), result(500));
  const made = new History(60_000);
  made.restart(before.points);
  made.follow({ hopMs: 250, resumed: true });
  made.revise(revised(2, 500));
  made.add(result(750));
  expect(made.points.map(({ score }) => score)).toEqual([1, -2, 1]);
  made.restart();
  expect(made.points).toEqual([]);
});

test.each([
  [0, 250],
  [380, 500],
  [5000, undefined],
])('nearest to %i ms within a second is %s', (ptsMs, expected) => {
  expect(history(result(250), result(500)).nearest(ptsMs, 1000)?.ptsMs).toBe(expected);
});
