import { Socket } from 'node:net';
import { verifyFiles } from '../bundle/verify-files.ts';
import { UndertoneError } from '../errors.ts';
import { answerBatch } from './answer-batch.ts';
import { isDeviceFailure } from './device-failure.ts';
import { type Message, onMessages, sendMessage } from './message-stream.ts';
import { ModelRunner, type RunnerSpec } from './model-runner.ts';
import { oneLine } from './one-line.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

/**
 * What an inference process does: loads a model, then answers batches on the pipe that it inherits, in order.
 *
 * It ends when the pipe does. Signals of the terminal are left to the program that started it: that drains first and needs
 * this process to do so.
 */
export function serveBatches(makeRunner: (spec: RunnerSpec) => ModelRunner = (spec) => new ModelRunner(spec)): void {
  const pipe = new Socket({ fd: 3, readable: true, writable: true });
  let runner: ModelRunner | undefined;
  let onGpu = false;
  let last: Promise<void> = Promise.resolve();

  const reply = (header: WorkerReply, blobs: readonly Uint8Array[] = []): void => sendMessage(pipe, header, blobs);
  /** Whether the device failed, and not the model or an input. */
  const deviceFailed = (error: unknown): boolean => onGpu && isDeviceFailure(error);

  const handle = async ({ header, body }: Message): Promise<void> => {
    const request = header as WorkerRequest;
    if (request.op === 'load') {
      try {
        const { dir, manifest, encoders } = request.spec;
        if (request.verify) {
          await verifyFiles(dir, manifest);
          if (encoders !== undefined) await verifyFiles(encoders.dir, encoders);
        }
        onGpu = request.spec.provider !== 'cpu';
        runner = makeRunner(request.spec);
        await runner.warmUp();
        reply({ op: 'ready' });
      } catch (error) {
        const code = error instanceof UndertoneError ? error.code : 'model_load_failed';
        reply({ op: 'refused', code, message: oneLine(error), deviceFailed: deviceFailed(error) });
      }
      return;
    }
    try {
      if (runner === undefined) throw new Error('a batch came before the model');
      const startedMs = performance.now();
      const { faults, decodeMs, blobs } = await answerBatch(runner, request, body);
      reply({ op: 'done', id: request.id, computeMs: performance.now() - startedMs, decodeMs, faults }, blobs);
    } catch (error) {
      reply({ op: 'failed', id: request.id, message: oneLine(error), deviceFailed: deviceFailed(error) });
    }
  };

  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('SIGHUP', () => undefined);
  pipe.on('end', () => process.exit(0));
  pipe.on('error', () => process.exit(0));
  onMessages(pipe, (message) => {
    last = last.then(() => handle(message));
  });
}
