import { describe, expect, it } from 'vitest';
import { UndertoneError } from '../../../models/errors.ts';
import { CallQueue, type CallQueueLimits, type Job } from '../../../models/runtime/call-queue.ts';
import type { Lane } from '../../../models/runtime/lane.ts';

/** Numbers weigh themselves, negative ones are bad input, and the result of x is 10 x. */
const lane: Lane<number, number> = {
  name: 'numbers',
  kind: 'image',
  weigh(input) {
    if (input < 0) throw new UndertoneError('image_format', 'negative');
    return input;
  },
  request: (inputs) => ({ batch: { op: 'texts', modality: 'numbers', texts: inputs.map(String) }, blobs: [] }),
  results:
    ({ body }) =>
    (index) =>
      body.readInt8(index) * 10,
};

const LIMITS: CallQueueLimits = { maxQueue: 100, maxBatch: 10, batchTargetMs: 20, deadlineMs: 1000 };

function queue(limits: Partial<CallQueueLimits> = {}): CallQueue<number, number> {
  return new CallQueue(lane, { ...LIMITS, ...limits });
}

function inputsOf(job: Job | undefined): number[] {
  return job?.batch.op === 'texts' ? job.batch.texts.map(Number) : [];
}

/** Answers a job in `computeMs` for each input. */
function finish(job: Job | undefined, computeMs: number, faults: [number, string, string][] = []): void {
  const inputs = inputsOf(job);
  const body = Buffer.from(inputs);
  job?.settle({ reply: { op: 'done', id: 1, computeMs: computeMs * inputs.length, decodeMs: 0, faults }, body });
}

function fill(numbers: CallQueue<number, number>, inputs: readonly number[]): Promise<PromiseSettledResult<number>[]> {
  return Promise.allSettled(inputs.map((input) => numbers.push(input)));
}

describe('CallQueue', () => {
  it('counts rows and never splits a call that has several', async () => {
    const grouped = new CallQueue({ ...lane, rows: () => 4 }, LIMITS);
    void fill(grouped, [0]);
    const first = grouped.take(1);
    finish(first, 0.1);
    void fill(grouped, [0, 0, 0, 0, 0]);
    expect([1, 1, 1].map(() => inputsOf(grouped.take(1)).length)).toEqual([2, 2, 1]);
    expect(grouped.stats.served).toBe(4);
    const small = new CallQueue({ ...lane, rows: () => 40 }, LIMITS);
    void fill(small, [0, 0]);
    expect(inputsOf(small.take(1))).toHaveLength(1);
  });

  it.each([
    { name: 'few first, while the time of one is unknown', inputs: 9, idle: 1, learnt: undefined, takes: 4 },
    { name: 'as many as take the target time', inputs: 9, idle: 1, learnt: 4, takes: 5 },
    { name: 'four, though they take three times as long', inputs: 9, idle: 1, learnt: 15, takes: 4 },
    { name: 'fewer where four would take longer than that', inputs: 9, idle: 1, learnt: 25, takes: 2 },
    { name: 'one when two take more than three times the target', inputs: 9, idle: 1, learnt: 50, takes: 1 },
    { name: 'at most maxBatch', inputs: 30, idle: 1, learnt: 0.1, takes: 10 },
    { name: 'a fair share of the idle workers', inputs: 9, idle: 3, learnt: 0.1, takes: 3 },
    { name: 'all there is, waiting for no more', inputs: 1, idle: 1, learnt: 0.1, takes: 1 },
  ])('takes $name', ({ inputs, idle, learnt, takes }) => {
    const numbers = queue();
    if (learnt !== undefined) {
      void fill(numbers, [0]);
      finish(numbers.take(1), learnt);
    }
    void fill(
      numbers,
      Array.from({ length: inputs }, () => 0),
    );
    expect(inputsOf(numbers.take(idle))).toHaveLength(takes);
    expect(numbers.length).toBe(inputs - takes);
  });

  it('takes fewer once a batch has missed its deadline, and more again as they are done in time', async () => {
    const numbers = queue();
    const calls = fill(
      numbers,
      Array.from({ length: 8 }, () => 0),
    );
    finish(numbers.take(1), 0.1);
    const late = numbers.take(1);
    expect(inputsOf(late)).toHaveLength(4);
    late?.fail(new UndertoneError('inference_timeout', 'late'));
    expect((await calls).map(({ status }) => status)).toEqual([
      ...Array.from({ length: 4 }, () => 'fulfilled'),
      ...Array.from({ length: 4 }, () => 'rejected'),
    ]);
    const taken = Array.from({ length: 40 }, () => {
      void fill(
        numbers,
        Array.from({ length: 8 }, () => 0),
      );
      const job = numbers.take(1);
      finish(job, 0.1);
      return inputsOf(job).length;
    });
    expect([taken[0], taken.at(-1)]).toEqual([1, 10]);
  });

  it('learns nothing from a process that ended, and begins anew on another device', () => {
    const numbers = queue();
    void fill(
      numbers,
      Array.from({ length: 30 }, () => 0),
    );
    finish(numbers.take(1), 0.1);
    numbers.take(1)?.fail(new UndertoneError('inference_crashed', 'ended'));
    expect(inputsOf(numbers.take(1))).toHaveLength(10);
    numbers.relearn();
    expect(numbers.stats.msPerInput).toBeUndefined();
    expect(inputsOf(numbers.take(1))).toHaveLength(4);
  });

  it('lets weights sum to at most 1, and a heavier input go alone', () => {
    const numbers = queue();
    void fill(numbers, [0.5, 0.5, 0.2, 3, 0.1]);
    expect(inputsOf(numbers.take(1))).toEqual([0.5, 0.5]);
    expect(inputsOf(numbers.take(1))).toEqual([0.2]);
    expect(inputsOf(numbers.take(1))).toEqual([3]);
    expect(inputsOf(numbers.take(1))).toEqual([0.1]);
    expect(numbers.take(1)).toBeUndefined();
  });

  it('gives each its own result, and rejects only the one at fault', async () => {
    const numbers = queue({ maxBatch: 4 });
    const results = fill(numbers, [0, 1, 0]);
    finish(numbers.take(1), 1, [[1, 'image_corrupt', 'broken']]);
    finish(numbers.take(1), 1);
    expect(await results).toMatchObject([
      { status: 'fulfilled', value: 0 },
      { status: 'rejected', reason: { code: 'image_corrupt' } },
      { status: 'fulfilled', value: 0 },
    ]);
  });

  it('computes the newer input of a call in its place, and rejects no other when that is bad', async () => {
    const numbers = queue();
    const newer = [3, undefined, -1, 7];
    const results = Promise.allSettled([0, 0.1, 0, 0].map((input, i) => numbers.push(input, () => newer[i])));
    const first = numbers.take(1);
    expect(inputsOf(first)).toEqual([3]);
    const second = numbers.take(1);
    expect(inputsOf(second)).toEqual([0.1]);
    const third = numbers.take(1);
    expect(inputsOf(third)).toEqual([7]);
    expect(numbers.length).toBe(0);
    for (const job of [first, second, third]) finish(job, 1);
    expect(await results).toMatchObject([
      { value: 30 },
      { status: 'fulfilled' },
      { status: 'rejected', reason: { code: 'image_format' } },
      { value: 70 },
    ]);
  });

  it('asks for a newer input again when the call did not fit into the batch', () => {
    const numbers = queue();
    const newer = [0.6, 0.2];
    void fill(numbers, [0.6]);
    void numbers.push(0.6, () => newer.shift());
    expect(inputsOf(numbers.take(1))).toEqual([0.6]);
    expect(inputsOf(numbers.take(1))).toEqual([0.2]);
  });

  it('rejects bad input at once, without a place in the queue', async () => {
    const numbers = queue();
    await expect(numbers.push(-1)).rejects.toMatchObject({ code: 'image_format' });
    expect(numbers.length).toBe(0);
  });

  it('rejects what overflows and keeps what waits', async () => {
    const numbers = queue({ maxQueue: 2 });
    const results = fill(numbers, [0, 0, 0, 0]);
    finish(numbers.take(1), 1);
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    expect((await results)[3]).toMatchObject({ reason: { code: 'inference_overloaded' } });
    expect(numbers.stats).toMatchObject({ queued: 0, served: 2, rejected: 2 });
  });

  it('rejects those that came before a time', async () => {
    const numbers = queue();
    const early = fill(numbers, [0, 0]);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
    const betweenMs = performance.now();
    void fill(numbers, [0]);
    numbers.reject(new UndertoneError('inference_timeout', 'late'), betweenMs);
    expect(await early).toMatchObject([
      { reason: { code: 'inference_timeout' } },
      { reason: { code: 'inference_timeout' } },
    ]);
    expect(numbers.length).toBe(1);
  });
});
