import { UndertoneError, hasCode } from '../errors.ts';
import type { Lane } from './lane.ts';
import type { BatchEvent, LaneStats } from './runtime-events.ts';
import type { Batch, BatchReply } from './worker-process.ts';

export interface CallQueueLimits {
  readonly maxQueue: number;
  readonly maxBatch: number;
  readonly batchTargetMs: number;
  /** Longest that a batch may take. */
  readonly deadlineMs: number;
}

/** One input that waits for its result, or another that has taken its place. */
interface Call<Input, Output> {
  input: Input;
  weight: number;
  rows: number;
  readonly newer: (() => Input | undefined) | undefined;
  readonly queuedMs: number;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: Error) => void;
}

/** Calls that left the queue together. Exactly one of `settle` and `fail` is called, once. */
export interface Job {
  readonly batch: Batch;
  readonly blobs: readonly Uint8Array[];
  /** Resolves the calls, or rejects those whose input was at fault. */
  settle(reply: BatchReply): BatchEvent;
  /** Rejects the calls. */
  fail(error: Error): BatchEvent;
}

/** What the pool sees of a queue, whatever its inputs are. */
export interface JobQueue {
  readonly kind: Lane<unknown, unknown>['kind'];
  readonly length: number;
  /** When its oldest call came; infinite when empty. */
  readonly oldestMs: number;
  readonly stats: LaneStats;
  take(idleWorkers: number): Job | undefined;
  reject(error: Error, queuedBeforeMs?: number): void;
  /** Forgets how long an input takes: another device computes from now on. */
  relearn(): void;
}

/** Weight of the newest batch in the running mean of the time that an input takes. */
const SMOOTHING = 0.2;

/**
 * What a batch gains, it gains with its first few inputs: so many may take `times` the target. It is also the size of
 * the first batches, while the time of an input is not known.
 */
const FEW = { inputs: 4, times: 3 };

/**
 * Calls of one lane, oldest first. Bound: `maxQueue`; a call beyond it rejects with `inference_overloaded`, those already
 * waiting keep their place. A call may say of a newer input when its batch is put together: that one is computed then, in
 * the older one's place in the queue.
 */
export class CallQueue<Input, Output> implements JobQueue {
  readonly #lane: Lane<Input, Output>;
  readonly #limits: CallQueueLimits;
  readonly #calls: Call<Input, Output>[] = [];
  #msPerInput: number | undefined;
  #served = 0;
  #rejected = 0;

  constructor(lane: Lane<Input, Output>, limits: CallQueueLimits) {
    this.#lane = lane;
    this.#limits = limits;
  }

  get kind(): Lane<unknown, unknown>['kind'] {
    return this.#lane.kind;
  }

  get length(): number {
    return this.#calls.length;
  }

  get oldestMs(): number {
    return this.#calls[0]?.queuedMs ?? Number.POSITIVE_INFINITY;
  }

  get stats(): LaneStats {
    return {
      lane: this.#lane.name,
      kind: this.#lane.kind,
      queued: this.length,
      served: this.#served,
      rejected: this.#rejected,
      msPerInput: this.#msPerInput,
    };
  }

  /**
   * Rejects with what is wrong with the input, with `inference_overloaded`, or as its batch fails.
   * @param newer asked as the call leaves the queue; the call rejects with what it throws
   */
  push(input: Input, newer?: () => Input | undefined): Promise<Output> {
    return new Promise((resolve, reject) => {
      const weight = this.#lane.weigh(input);
      const rows = this.#lane.rows?.(input) ?? 1;
      if (this.#calls.length >= this.#limits.maxQueue) {
        this.#rejected++;
        throw new UndertoneError(
          'inference_overloaded',
          `${this.#calls.length} inputs for ${this.#lane.name} wait already; send fewer, or add workers`,
        );
      }
      this.#calls.push({ input, weight, rows, newer, queuedMs: performance.now(), resolve, reject });
    });
  }

  /** The oldest calls for one of the idle workers: its fair share, and at most a batch that is done in time; one at least. */
  take(idleWorkers: number): Job | undefined {
    const maxRows = Math.min(this.#limits.maxBatch, this.#timely());
    const most = Math.max(1, Math.ceil(this.length / idleWorkers));
    const taken: Call<Input, Output>[] = [];
    let weight = 0;
    let rows = 0;
    while (taken.length < most) {
      const [call] = this.#calls;
      if (call === undefined) break;
      if (this.#renewed(call)) {
        weight += call.weight;
        rows += call.rows;
        if (taken.length > 0 && (rows > maxRows || weight > 1)) break;
        taken.push(call);
      }
      this.#calls.shift();
    }
    return taken.length === 0 ? undefined : this.#job(taken);
  }

  /** Rejects the calls that came before a time, or all of them. */
  reject(error: Error, queuedBeforeMs = Number.POSITIVE_INFINITY): void {
    const index = this.#calls.findIndex(({ queuedMs }) => queuedMs >= queuedBeforeMs);
    const expired = this.#calls.splice(0, index === -1 ? this.#calls.length : index);
    this.#rejected += expired.length;
    for (const call of expired) call.reject(error);
  }

  relearn(): void {
    this.#msPerInput = undefined;
  }

  /** Inputs that take about `batchTargetMs`, or a few that take a little longer. */
  #timely(): number {
    if (this.#msPerInput === undefined) return FEW.inputs;
    const inputs = this.#limits.batchTargetMs / this.#msPerInput;
    return Math.floor(Math.max(inputs, Math.min(FEW.inputs, FEW.times * inputs)));
  }

  /** Puts the newer input, if there is one, in the place of the call's; false when it is at fault, and the call rejected. */
  #renewed(call: Call<Input, Output>): boolean {
    try {
      const input = call.newer?.();
      if (input === undefined) return true;
      call.input = input;
      call.weight = this.#lane.weigh(input);
      call.rows = this.#lane.rows?.(input) ?? 1;
      return true;
    } catch (error) {
      call.reject(error as Error);
      return false;
    }
  }

  #job(calls: readonly Call<Input, Output>[]): Job {
    const startedMs = performance.now();
    const inputs = calls.map(({ input }) => input);
    const size = calls.reduce((sum, { rows }) => sum + rows, 0);
    const { batch, blobs } = this.#lane.request(inputs);
    const event = (computeMs: number, decodeMs: number, ok: boolean): BatchEvent => ({
      kind: this.#lane.kind,
      lane: this.#lane.name,
      size,
      queueMs: startedMs - (calls[0]?.queuedMs ?? startedMs),
      computeMs,
      decodeMs,
      ok,
    });
    return {
      batch,
      blobs,
      settle: (reply) => {
        const { computeMs, decodeMs, faults } = reply.reply;
        this.#learn(size, computeMs);
        const resultAt = this.#lane.results(reply, inputs);
        const faulty = new Map(faults.map(([index, code, message]) => [index, new UndertoneError(code, message)]));
        for (const [index, call] of calls.entries()) {
          const fault = faulty.get(index);
          if (fault === undefined) call.resolve(resultAt(index, { queueMs: startedMs - call.queuedMs, computeMs }));
          else call.reject(fault);
        }
        return event(computeMs, decodeMs, true);
      },
      fail: (error) => {
        // An input takes at least its share of the deadline that was missed: the next batch is smaller, if it can be.
        if (size > 1 && hasCode(error, 'inference_timeout'))
          this.#msPerInput = Math.max(this.#msPerInput ?? 0, this.#limits.deadlineMs / size);
        this.#rejected += calls.length;
        for (const call of calls) call.reject(error);
        return event(performance.now() - startedMs, 0, false);
      },
    };
  }

  #learn(count: number, computeMs: number): void {
    this.#served += count;
    const each = computeMs / count;
    this.#msPerInput = this.#msPerInput === undefined ? each : this.#msPerInput + SMOOTHING * (each - this.#msPerInput);
  }
}
