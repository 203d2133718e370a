import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { UndertoneError } from '../errors.ts';
import { childArguments } from './child-program.ts';
import { killedWithParent } from './killed-with-parent.ts';
import { lastLine } from './last-line.ts';
import { onMessages, sendMessage } from './message-stream.ts';
import type { BatchRequest, LoadRequest, WorkerReply } from './worker-messages.ts';

/** A batch without its number. */
export type Batch = BatchRequest extends infer R ? (R extends BatchRequest ? Omit<R, 'id'> : never) : never;

export interface BatchReply {
  readonly reply: Extract<WorkerReply, { op: 'done' }>;
  readonly body: Buffer;
}

interface Pending<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
  readonly deadline: { stop: () => void };
}

/** The pipe's file descriptor in the process. */
const PIPE_FD = 3;

/** Nothing else is known to kill a process that loads, and the system tells nobody why. */
const OUT_OF_MEMORY = 'where memory ran out, start fewer with --workers (UNDERTONE_WORKERS)';

/**
 * One inference process: loads once, then runs one batch at a time.
 *
 * A batch or a load beyond its deadline kills the process (SIGKILL: nothing softer ends a native call). When the process
 * ends, for whatever reason, what was pending rejects and `exited` resolves.
 */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly exited: Promise<void>;
  #loading: Pending<void> | undefined;
  #batch: (Pending<BatchReply> & { readonly id: number }) | undefined;
  #nextId = 1;
  #ending: UndertoneError | undefined;
  #deviceFailure: string | undefined;

  /** `program`: arguments of Node. @throws UndertoneError `inference_crashed` where no process can be started */
  constructor(program: readonly string[] = childArguments('worker-entry', import.meta.url)) {
    this.#child = spawn(...killedWithParent(process.execPath, program), {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    const said = lastLine(this.#child.stderr);
    this.exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#ending ??= crashed(`the inference process did not start: ${error.message}`);
        this.#end();
        resolve();
      });
      this.#child.once('exit', (code, signal) => {
        const how = signal === null ? `status ${code}` : signal;
        const line = said();
        const unasked = signal === 'SIGKILL' && this.#loading !== undefined ? `; ${OUT_OF_MEMORY}` : '';
        this.#ending ??= crashed(`the inference process ended (${how})${line === '' ? '' : `: ${line}`}${unasked}`);
        this.#end();
        resolve();
      });
    });
    // Without a free file descriptor there are no pipes.
    const pipe = (this.#child.stdio as ChildProcess['stdio'] | undefined)?.[PIPE_FD];
    if (!pipe) throw crashed('the inference process did not start: no file descriptor is free');
    this.#pipe = pipe as Duplex;
    onMessages(this.#pipe, ({ header, body }) => this.#receive(header as WorkerReply, body));
    // A broken pipe is the process's end, which 'exit' reports.
    this.#pipe.on('error', () => this.#child.kill('SIGKILL'));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves once it is ready. @throws UndertoneError what the process refused with, or how it ended */
  async load(request: LoadRequest, deadlineMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      if (this.#ending !== undefined) throw this.#ending;
      this.#loading = { resolve, reject, deadline: this.#deadline(deadlineMs, 'it did not load its model') };
      sendMessage(this.#pipe, request);
    });
  }

  /**
   * Runs one batch; call again only when it has settled.
   * @throws UndertoneError `inference_timeout`, `inference_crashed`
   */
  async run(batch: Batch, blobs: readonly Uint8Array[], deadlineMs: number): Promise<BatchReply> {
    return await new Promise((resolve, reject) => {
      if (this.#ending !== undefined) throw this.#ending;
      const id = this.#nextId++;
      this.#batch = { id, resolve, reject, deadline: this.#deadline(deadlineMs, 'a batch did not finish') };
      sendMessage(this.#pipe, { ...batch, id }, blobs);
    });
  }

  /** What it said of its GPU when that was lost or full; undefined while it is neither. */
  get deviceFailure(): string | undefined {
    return this.#deviceFailure;
  }

  /** Why it ended, or is about to. */
  get ending(): UndertoneError | undefined {
    return this.#ending;
  }

  /** Ends the process now: what is pending rejects with the reason. Idempotent; `exited` tells when it is gone. */
  kill(reason: UndertoneError = crashed('the inference process was ended')): void {
    this.#ending ??= reason;
    this.#child.kill('SIGKILL');
    this.#end();
  }

  /**
   * Kills the process when a reply is late. One that is here already, because this process was itself held up, counts as
   * in time; after a long hold (a suspended machine) the process gets its time again.
   */
  #deadline(deadlineMs: number, what: string): { stop: () => void } {
    let timer: NodeJS.Timeout;
    let stopped = false;
    const arm = (): void => {
      const dueMs = performance.now() + deadlineMs;
      timer = setTimeout(() => {
        const heldUp = performance.now() - dueMs > deadlineMs / 2;
        // Replies that wait in the pipe are read before this runs.
        setImmediate(() => {
          if (stopped) return;
          if (heldUp) arm();
          else this.kill(new UndertoneError('inference_timeout', `${what} within ${deadlineMs} ms; try again`));
        });
      }, deadlineMs);
    };
    arm();
    return {
      stop: () => {
        stopped = true;
        clearTimeout(timer);
      },
    };
  }

  #receive(reply: WorkerReply, body: Buffer): void {
    if ('deviceFailed' in reply && reply.deviceFailed) this.#deviceFailure ??= reply.message;
    if (reply.op === 'ready' || reply.op === 'refused') {
      const loading = this.#loading;
      this.#loading = undefined;
      loading?.deadline.stop();
      if (reply.op === 'ready') loading?.resolve();
      else loading?.reject(new UndertoneError(reply.code, reply.message));
      return;
    }
    const batch = this.#batch;
    if (batch?.id !== reply.id) return;
    this.#batch = undefined;
    batch.deadline.stop();
    if (reply.op === 'done') batch.resolve({ reply, body });
    else batch.reject(crashed(`the inference run failed: ${reply.message}`));
  }

  #end(): void {
    const error = this.#ending ?? crashed('the inference process ended');
    for (const pending of [this.#loading, this.#batch]) {
      pending?.deadline.stop();
      pending?.reject(error);
    }
    this.#loading = undefined;
    this.#batch = undefined;
  }
}

function crashed(message: string): UndertoneError {
  return new UndertoneError('inference_crashed', message);
}
