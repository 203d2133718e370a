import { execFileSync, spawn } from 'node:child_process';
import { childArguments } from '../../models/runtime/child-program.ts';
import type { Answer, Question } from './answer.ts';

/** One of the benchmark's programs in a process of its own. */
export interface BenchChild {
  /** Asks it; rejects when it fails, ends, or takes longer than `limitMs`. */
  ask<T>(op: string, body?: unknown, limitMs?: number): Promise<T>;
  /** Moves every thread that it has by now onto its core: libraries pin threads of theirs to other ones. */
  pin(): void;
  /** Ends it. Idempotent. */
  stop(): Promise<void>;
}

const ASK_MS = 30_000;
const STOP_MS = 5000;

/** Starts the program `name` beside this file on one core; anywhere, where `core` is null. */
export function startChild(name: string, core: number | null, options: unknown): BenchChild {
  const node = [process.execPath, ...childArguments(name, import.meta.url), JSON.stringify(options)];
  const [command = '', ...args] = core === null ? node : ['taskset', '-c', String(core), ...node];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], serialization: 'advanced' });
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  let ended: string | undefined;
  const exited = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      ended ??= `${name} ended: ${how}`;
      for (const [id, answer] of waiting) answer({ id, ok: false, error: ended });
      waiting.clear();
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `status ${code}`));
  });
  child.on('message', (message) => {
    const answer = message as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });

  return {
    ask: async <T>(op: string, body: unknown = null, limitMs: number = ASK_MS): Promise<T> => {
      if (ended !== undefined) throw new Error(ended);
      const id = ++lastId;
      const answer = await new Promise<Answer>((resolve) => {
        const late = setTimeout(() => {
          waiting.delete(id);
          resolve({ id, ok: false, error: `${name} did not answer ${op} within ${limitMs} ms` });
        }, limitMs);
        waiting.set(id, (found) => {
          clearTimeout(late);
          resolve(found);
        });
        child.send({ id, op, body } satisfies Question);
      });
      if (!answer.ok) throw new Error(answer.error);
      return answer.value as T;
    },
    pin: () => {
      if (core !== null && child.pid !== undefined)
        execFileSync('taskset', ['-a', '-c', '-p', String(core), String(child.pid)], { stdio: 'ignore' });
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      const killer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(killer);
    },
  };
}
