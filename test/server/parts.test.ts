import { array, assert, boolean, integer, nat, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStalled, OverloadMonitor } from '../../server/overload.ts';
import { Credits } from '../../server/sessions/credits.ts';
import { MessageRing } from '../../server/sessions/message-ring.ts';
import { TokenBucket } from '../../pipeline/token-bucket.ts';
import type { ServerMessage } from '../../pipeline/protocol/index.ts';

describe('token bucket', () => {
  test('never lets through more than its capacity and rate allow', () => {
    const events = array(record({ waitMs: nat(500), amount: integer({ min: 1, max: 5 }) }));
    assert(
      property(integer({ min: 1, max: 20 }), integer({ min: 1, max: 50 }), events, (capacity, rate, list) => {
        let nowMs = 0;
        let passed = 0;
        const bucket = new TokenBucket(capacity, rate, () => nowMs);
        for (const { waitMs, amount } of list) {
          nowMs += waitMs;
          if (bucket.take(amount)) passed += amount;
          expect(passed).toBeLessThanOrEqual(capacity + (rate * nowMs) / 1000 + 1e-6);
        }
      }),
    );
  });

  test('fills up again', () => {
    let nowMs = 0;
    const bucket = new TokenBucket(2, 10, () => nowMs);
    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
    nowMs = 100;
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  });
});

describe('credits', () => {
  test('a polite client never has more than the capacity on the way, and is never starved', () => {
    assert(
      property(integer({ min: 1, max: 5 }), array(boolean(), { maxLength: 100 }), (capacity, steps) => {
        const credits = new Credits(capacity);
        let held = credits.grant();
        let inFlight = 0;
        for (const wantsToSend of steps) {
          if (wantsToSend && held > 0) {
            held--;
            inFlight++;
            credits.spend();
          } else if (inFlight > 0) {
            inFlight--;
            credits.settle();
            held += credits.grant();
          }
          expect(inFlight + held).toBe(capacity);
        }
      }),
    );
  });

  test('a client that sends without credit is granted none for it', () => {
    const credits = new Credits(2);
    credits.grant();
    for (let frame = 0; frame < 4; frame++) credits.spend();
    const granted = Array.from({ length: 4 }, () => {
      credits.settle();
      return credits.grant();
    });
    expect(granted).toEqual([0, 0, 1, 1]);
  });
});

const resultOf = (seq: number) => ({ type: 'sentiment.result', seq }) as ServerMessage;
const stateOf = (ms: number) => ({ type: 'modality.state', pts_ms: ms }) as ServerMessage;

function ring(capacity: number, ...messages: ServerMessage[]): MessageRing {
  const made = new MessageRing({ capacity, keepMs: 1000, now: () => 0 });
  for (const message of messages) made.push(message);
  return made;
}

describe('message ring', () => {
  test.each([
    ['all of it', 10, -1, [0, 1, 2, 3], true],
    ['what is new', 10, 1, [2, 3], true],
    ['nothing', 10, 3, [], true],
    ['nothing, for one ahead', 10, 9, [], true],
    ['what is left of it', 2, 0, [2, 3], false],
    ['what is left, from the start', 2, -1, [2, 3], false],
    ['the end of a short one', 2, 2, [3], true],
  ])('%s', (_name, capacity, after, seqs, complete) => {
    const kept = ring(capacity, resultOf(0), resultOf(1), resultOf(2), resultOf(3)).after(after);
    expect(kept).toEqual({ messages: seqs.map(resultOf), complete });
  });

  test('what is no result comes with the results around it', () => {
    const messages = [stateOf(1), resultOf(0), stateOf(2), resultOf(1), stateOf(3)];
    expect(ring(10, ...messages).after(0).messages).toEqual(messages.slice(2));
    expect(ring(10, ...messages).after(-1).messages).toEqual(messages);
    expect(ring(10, stateOf(1)).after(-1)).toEqual({ messages: [stateOf(1)], complete: true });
  });

  test('since a mark', () => {
    const made = ring(3, resultOf(0));
    const mark = made.mark();
    for (let seq = 1; seq < 6; seq++) made.push(resultOf(seq));
    expect(made.since(mark)).toEqual({ messages: [3, 4, 5].map(resultOf), complete: false });
    expect(made.since(mark + 2)).toEqual({ messages: [3, 4, 5].map(resultOf), complete: true });
    expect(made.since(made.mark())).toEqual({ messages: [], complete: true });
  });

  test('for as long as a client may come back', () => {
    let nowMs = 0;
    const made = new MessageRing({ capacity: 1000, keepMs: 1000, now: () => nowMs });
    const mark = made.mark();
    for (let seq = 0; seq < 300; seq++) {
      nowMs = 10 * seq;
      made.push(resultOf(seq));
    }
    const newest = Array.from({ length: 101 }, (_, i) => resultOf(199 + i));
    expect(made.after(-1)).toEqual({ messages: newest, complete: false });
    expect(made.after(50)).toEqual({ messages: newest, complete: false });
    expect(made.after(297)).toEqual({ messages: newest.slice(-2), complete: true });
    expect(made.since(mark)).toEqual({ messages: newest, complete: false });
  });
});

function monitorAt() {
  const clock = { nowMs: 0 };
  const monitor = new OverloadMonitor(300, () => clock.nowMs);
  const batches = (...queueMs: number[]): void => {
    for (const ms of queueMs) {
      clock.nowMs += 500;
      monitor.batch({ kind: 'image', lane: 'video', size: 8, queueMs: ms, computeMs: 10, decodeMs: 0, ok: true });
    }
  };
  return { clock, monitor, batches };
}

describe('overload', () => {
  test.each([
    ['short waits', [10, 20, 10, 5, 10, 10], false],
    ['a burst', [900, 900, 10, 900, 900, 10], false],
    ['a standing queue', [400, 500, 600, 400, 500, 700], true],
    ['a queue that is gone', [400, 500, 600, 400, 500, 10, 10, 10, 10, 10], false],
  ])('%s: %s', (_name, queueMs, expected) => {
    const { monitor, batches } = monitorAt();
    batches(...queueMs);
    expect(monitor.overloaded()).toBe(expected);
  });

  test.each([
    ['one that can run', [0, 9000], false],
    ['all away for a moment', [300, 1900], false],
    ['all away for long', [2100, 9000], true],
  ])('stalled with %s: %s', (_name, awayMs, expected) => {
    const worker = { provider: 'cpu', pid: 1, state: 'waiting', batches: 0, restarts: 0 } as const;
    const device = { provider: 'cpu', name: 'a processor', workers: 2 } as const;
    expect(isStalled({ device, lanes: [], workers: awayMs.map((ms) => ({ ...worker, awayMs: ms })) })).toBe(expected);
    expect(isStalled(undefined)).toBe(false);
  });

  test('ends when there are no batches at all', () => {
    const { clock, monitor, batches } = monitorAt();
    batches(400, 500, 600, 400, 500);
    expect(monitor.overloaded()).toBe(true);
    clock.nowMs += 10_000;
    expect(monitor.overloaded()).toBe(false);
  });
});
