import { Socket } from 'node:net';
import { verifyFiles } from '../bundle/verify-files.ts';
import { UndertoneError } from '../errors.ts';
import { answerBatch } from './answer-batch.ts';
import { type Message, onMessages, sendMessage } from './message-stream.ts';
import { ModelRunner } from './model-runner.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

/**
 * Program of an inference process: loads a model, then answers batches on the pipe that it inherits, in order.
 *
 * It ends when the pipe does, so it never outlives the program that started it, however that ended. Signals of the
 * terminal are left to that program: it drains first and needs this process to do so.
 */
const pipe = new Socket({ fd: 3, readable: true, writable: true });
let runner: ModelRunner | undefined;
let last: Promise<void> = Promise.resolve();

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);
pipe.on('end', () => process.exit(0));
pipe.on('error', () => process.exit(0));
onMessages(pipe, (message) => {
  last = last.then(() => handle(message));
});

async function handle({ header, body }: Message): Promise<void> {
  const request = header as WorkerRequest;
  if (request.op === 'load') {
    try {
      if (request.verify) await verifyFiles(request.spec.dir, request.spec.manifest);
      runner = new ModelRunner(request.spec);
      await runner.warmUp();
      reply({ op: 'ready' });
    } catch (error) {
      const code = error instanceof UndertoneError ? error.code : 'model_load_failed';
      reply({ op: 'refused', code, message: oneLine(error) });
    }
    return;
  }
  try {
    if (runner === undefined) throw new Error('a batch came before the model');
    const startedMs = performance.now();
    const { faults, decodeMs, blobs } = await answerBatch(runner, request, body);
    reply({ op: 'done', id: request.id, computeMs: performance.now() - startedMs, decodeMs, faults }, blobs);
  } catch (error) {
    reply({ op: 'failed', id: request.id, message: oneLine(error) });
  }
}

function reply(header: WorkerReply, blobs: readonly Uint8Array[] = []): void {
  sendMessage(pipe, header, blobs);
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').slice(0, 300);
}
