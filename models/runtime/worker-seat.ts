import { UndertoneError } from '../errors.ts';
import type { Job } from './call-queue.ts';
import type { RunnerSpec } from './model-runner.ts';
import type { BatchEvent, RuntimeEvent, WorkerStats } from './runtime-events.ts';
import { WorkerProcess } from './worker-process.ts';

export interface SeatOptions {
  /** A copy of it with the provider `cpu` is used once a GPU is lost, full, or has failed too often. */
  readonly spec: RunnerSpec;
  readonly deadlineMs: number;
  readonly loadDeadlineMs: number;
  /** The GPU was chosen by a probe: where the first process cannot load on it, for whatever reason, the processor takes over. */
  readonly auto?: boolean | undefined;
  /** Arguments that make Node run a process; the runtime's own program when absent. */
  readonly program?: readonly string[] | undefined;
  /** The seat's worker has become free. */
  readonly onIdle: () => void;
  readonly onBatch: (event: BatchEvent) => void;
  readonly onEvent: (event: RuntimeEvent) => void;
}

/** Waits before a process is started again, by the number of ends since the last batch that worked. */
const BACKOFF_MS = [0, 200, 500, 1000, 2000, 5000] as const;

/** Failed runs in a row after which a process that still answers is replaced: its device may be lost. */
const MOST_FAILED_RUNS = 3;

/** Ends in a row after which a seat gives its GPU up. */
const MOST_GPU_ENDS = 3;

/** A place in the pool, held by one inference process after another until it is closed. */
export class WorkerSeat {
  readonly #options: SeatOptions;
  #spec: RunnerSpec;
  #worker: WorkerProcess | undefined;
  #state: WorkerStats['state'] = 'starting';
  #awaySinceMs: number | undefined = performance.now();
  #starts = 0;
  #batches = 0;
  #endsInARow = 0;
  #failedRuns = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: SeatOptions) {
    this.#options = options;
    this.#spec = options.spec;
  }

  get idle(): boolean {
    return this.#state === 'idle';
  }

  /** What its process runs on, or the next one will. */
  get provider(): RunnerSpec['provider'] {
    return this.#spec.provider;
  }

  get stats(): WorkerStats {
    const restarts = Math.max(0, this.#starts - 1);
    return {
      provider: this.#spec.provider,
      pid: this.#worker?.pid,
      state: this.#state,
      awayMs: this.#awaySinceMs === undefined ? 0 : performance.now() - this.#awaySinceMs,
      batches: this.#batches,
      restarts,
    };
  }

  /**
   * Starts the first process; resolves once it is loaded, rejects when it cannot be. On a GPU that is lost or full, or that
   * nobody asked for by name, that is tried on the processor too, whose error then counts.
   */
  async open(): Promise<void> {
    try {
      await this.#start(false);
    } catch (error) {
      if (this.#closed || this.#spec.provider === 'cpu') throw error;
      const failure = this.#worker?.deviceFailure ?? (this.#options.auto === true ? messageOf(error) : undefined);
      if (failure === undefined) throw withoutGpu(error, this.#spec.provider);
      this.#leaveGpu(failure);
      await this.#start(false);
    }
  }

  /** Runs a job on the idle worker; its outcome goes to the job's calls. */
  run(job: Job): void {
    const worker = this.#worker;
    if (worker === undefined || this.#state !== 'idle') throw new Error('the seat is not idle');
    this.#state = 'busy';
    void this.#run(worker, job);
  }

  /** Ends the process, its job rejecting with the reason, and starts no other. Idempotent. */
  async close(reason: UndertoneError): Promise<void> {
    this.#closed = true;
    this.#state = 'waiting';
    this.#awaySinceMs ??= performance.now();
    clearTimeout(this.#retry);
    this.#worker?.kill(reason);
    await this.#worker?.exited;
  }

  async #run(worker: WorkerProcess, job: Job): Promise<void> {
    let event: BatchEvent;
    try {
      event = job.settle(await worker.run(job.batch, job.blobs, this.#options.deadlineMs));
      this.#batches++;
      this.#endsInARow = 0;
      this.#failedRuns = 0;
    } catch (error) {
      event = job.fail(error as Error);
      this.#failedRuns++;
      if (worker.deviceFailure !== undefined) this.#leaveGpu(worker.deviceFailure);
      if (worker.deviceFailure !== undefined || this.#failedRuns >= MOST_FAILED_RUNS) worker.kill();
    }
    this.#free(worker);
    this.#options.onBatch(event);
  }

  #free(worker: WorkerProcess): void {
    if (this.#closed || worker.ending !== undefined || this.#worker !== worker) return;
    this.#state = 'idle';
    this.#awaySinceMs = undefined;
    this.#options.onIdle();
  }

  async #start(verify: boolean): Promise<void> {
    const startedMs = performance.now();
    const worker = new WorkerProcess(this.#options.program);
    this.#worker = worker;
    this.#state = 'starting';
    this.#starts++;
    try {
      await worker.load({ op: 'load', spec: this.#spec, verify }, this.#options.loadDeadlineMs);
      this.#options.onEvent({ type: 'worker_started', pid: worker.pid ?? 0, loadMs: performance.now() - startedMs });
      void worker.exited.then(() => this.#replace(worker));
      this.#free(worker);
    } catch (error) {
      worker.kill();
      await worker.exited;
      throw error;
    }
  }

  /** A process that served is gone: another takes its place. */
  #replace(worker: WorkerProcess): void {
    if (this.#closed) return;
    this.report(worker.ending);
    this.#again();
  }

  #again(): void {
    this.#state = 'waiting';
    this.#awaySinceMs ??= performance.now();
    this.#failedRuns = 0;
    const waitMs = BACKOFF_MS[Math.min(this.#endsInARow, BACKOFF_MS.length - 1)] ?? 0;
    this.#endsInARow++;
    if (this.#worker?.deviceFailure !== undefined) this.#leaveGpu(this.#worker.deviceFailure);
    else if (this.#endsInARow >= MOST_GPU_ENDS) this.#leaveGpu(`it ended ${this.#endsInARow} times in a row`);
    this.#retry = setTimeout(() => {
      const attempt = this.#start(true);
      attempt.catch((error: unknown) => {
        if (this.#closed) return;
        this.report(error);
        this.#again();
      });
    }, waitMs);
  }

  #leaveGpu(why: string): void {
    const from = this.#spec.provider;
    if (from === 'cpu') return;
    this.#spec = { ...this.#spec, provider: 'cpu' };
    const message = `${from} failed (${why}); inference goes on with the processor`;
    this.#options.onEvent({ type: 'provider_fallback', from, message });
  }

  /** Tells that the process has ended, and why. */
  report(error: unknown): void {
    const code = error instanceof UndertoneError ? error.code : 'inference_crashed';
    this.#options.onEvent({ type: 'worker_ended', pid: this.#worker?.pid, code, message: messageOf(error) });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same error with what to do where a GPU was asked for by name. */
function withoutGpu(error: unknown, provider: string): unknown {
  if (!(error instanceof UndertoneError)) return error;
  const message = `${error.message}; where ${provider} cannot run this model, take --provider cpu (UNDERTONE_PROVIDER)`;
  return new UndertoneError(error.code, message, { cause: error, exitCode: error.exitCode });
}
