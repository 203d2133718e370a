import { UndertoneError } from '../errors.ts';
import { CallQueue, type CallQueueLimits, type Job, type JobQueue } from './call-queue.ts';
import { type Lane, URGENCY } from './lane.ts';
import type { RunnerSpec } from './model-runner.ts';
import type { BatchEvent, LaneStats, RuntimeEvent, WorkerStats } from './runtime-events.ts';
import { WorkerSeat } from './worker-seat.ts';

export interface PoolOptions extends CallQueueLimits {
  readonly spec: RunnerSpec;
  readonly workers: number;
  /** The provider was chosen by a probe; see {@link WorkerSeat}. */
  readonly auto?: boolean | undefined;
  readonly program?: readonly string[] | undefined;
  readonly loadDeadlineMs: number;
  readonly maxWaitMs: number;
  readonly onBatch?: ((event: BatchEvent) => void) | undefined;
  readonly onEvent?: ((event: RuntimeEvent) => void) | undefined;
}

/** How many processes there are, and what most of them run on: the GPU where that is half of them. */
export interface PoolDevice {
  readonly provider: RunnerSpec['provider'];
  readonly workers: number;
}

/**
 * Inference processes behind one queue per lane.
 *
 * Work-conserving: a free process takes what is ready of the most urgent lane and waits for nothing. A process that ends
 * or misses a deadline is replaced; its calls reject and the others go on.
 */
export class InferencePool {
  readonly #options: PoolOptions;
  readonly #queues: JobQueue[] = [];
  readonly #seats: WorkerSeat[];
  readonly #expiry: NodeJS.Timeout;
  #device: PoolDevice | undefined;
  #dispatching = false;
  #closing: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.workers }, () => this.#seat(options.spec));
    this.#expiry = setInterval(() => this.#expire(), Math.max(5, options.maxWaitMs / 4));
    this.#expiry.unref();
  }

  get stats(): { workers: readonly WorkerStats[]; lanes: readonly LaneStats[] } {
    return { workers: this.#seats.map(({ stats }) => stats), lanes: this.#queues.map(({ stats }) => stats) };
  }

  /** The same object until it changes. */
  get device(): PoolDevice {
    return (this.#device ??= deviceOf(this.#seats));
  }

  /** Starts every process; resolves when all are loaded. Closes the pool when one cannot start, or when `signal` aborts first. */
  async open(signal?: AbortSignal): Promise<void> {
    const stop = (): void => void this.close();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await Promise.all(this.#seats.map((seat) => seat.open()));
      signal?.throwIfAborted();
    } catch (error) {
      await this.close();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Adds processes on the processor until there are `workers`; one that cannot start is told of and left out. */
  grow(workers: number): void {
    while (this.#seats.length < workers && this.#closing === undefined) {
      const seat = this.#seat({ ...this.#options.spec, provider: 'cpu' });
      this.#seats.push(seat);
      this.#device = undefined;
      seat.open().catch((error: unknown) => {
        if (this.#closing !== undefined) return;
        seat.report(error);
        this.#seats.splice(this.#seats.indexOf(seat), 1);
        this.#device = undefined;
      });
    }
  }

  /** Adds a lane; returns the function that puts inputs into it. */
  addLane<Input, Output>(
    lane: Lane<Input, Output>,
  ): (input: Input, newer?: () => Input | undefined) => Promise<Output> {
    const queue = new CallQueue(lane, this.#options);
    this.#queues.push(queue);
    this.#queues.sort((a, b) => URGENCY.indexOf(a.kind) - URGENCY.indexOf(b.kind));
    return (input, newer) => {
      if (this.#closing !== undefined) return Promise.reject(modelClosed());
      const output = queue.push(input, newer);
      this.#dispatchSoon();
      return output;
    };
  }

  /** Ends every process; what waits or runs rejects with `model_closed`. Idempotent. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  #seat(spec: RunnerSpec): WorkerSeat {
    const { auto, program, deadlineMs, loadDeadlineMs, onBatch, onEvent } = this.#options;
    return new WorkerSeat({
      spec,
      auto,
      program,
      deadlineMs,
      loadDeadlineMs,
      onIdle: () => this.#dispatchSoon(),
      onBatch: (event) => onBatch?.(event),
      onEvent: (event) => {
        if (event.type === 'provider_fallback') {
          this.#device = undefined;
          for (const queue of this.#queues) queue.relearn();
        }
        onEvent?.(event);
      },
    });
  }

  async #close(): Promise<void> {
    clearInterval(this.#expiry);
    for (const queue of this.#queues) queue.reject(modelClosed());
    await Promise.all(this.#seats.map((seat) => seat.close(modelClosed())));
  }

  /** Dispatches once the events at hand have been handled, so that inputs which came together leave together. */
  #dispatchSoon(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    setImmediate(() => {
      this.#dispatching = false;
      if (this.#closing === undefined) this.#dispatch();
    });
  }

  #dispatch(): void {
    const idle = this.#seats.filter((seat) => seat.idle);
    for (const [i, seat] of idle.entries()) {
      const job = this.#take(idle.length - i);
      if (job === undefined) return;
      seat.run(job);
    }
  }

  /** Undefined where nothing waits; a lane whose calls are all at fault by now is empty then, and the next one's turn comes. */
  #take(idleWorkers: number): Job | undefined {
    for (let queue = this.#mostUrgent(); queue !== undefined; queue = this.#mostUrgent()) {
      const job = queue.take(idleWorkers);
      if (job !== undefined) return job;
    }
    return undefined;
  }

  /** The most urgent kind that has calls; within it, the lane whose oldest call has waited longest. */
  #mostUrgent(): JobQueue | undefined {
    let best: JobQueue | undefined;
    for (const queue of this.#queues) {
      if (queue.length === 0) continue;
      if (best !== undefined && queue.kind !== best.kind) break;
      if (best === undefined || queue.oldestMs < best.oldestMs) best = queue;
    }
    return best;
  }

  #expire(): void {
    const { maxWaitMs } = this.#options;
    const error = new UndertoneError(
      'inference_timeout',
      `no inference process was free within ${maxWaitMs} ms; send fewer inputs, or add workers`,
    );
    for (const queue of this.#queues) queue.reject(error, performance.now() - maxWaitMs);
  }
}

function modelClosed(): UndertoneError {
  return new UndertoneError('model_closed', 'the model was closed');
}

function deviceOf(seats: readonly WorkerSeat[]): PoolDevice {
  const onGpu = seats.map(({ provider }) => provider).filter((provider) => provider !== 'cpu');
  return { provider: onGpu.length * 2 < seats.length ? 'cpu' : (onGpu[0] ?? 'cpu'), workers: seats.length };
}
