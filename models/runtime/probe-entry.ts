import { Socket } from 'node:net';
import { endWithParent } from './end-with-parent.ts';
import { onMessages, sendMessage } from './message-stream.ts';
import { PROBE_ROWS, PROBE_WIDTH } from './probe-shape.ts';
import { type TensorData, openSession } from './session.ts';

/** Runs of which the fastest counts. */
const TIMED_RUNS = 5;

/** A run that takes longer is not repeated. */
const SLOW_MS = 500;

/**
 * Program of a throw-away process that tries one execution provider: it gets a model, runs it, and answers with
 * the fastest of a few runs in milliseconds. Whatever goes wrong in the driver goes wrong here.
 */
endWithParent();
const pipe = new Socket({ fd: 3, readable: true, writable: true });
pipe.on('end', () => process.exit(0));
pipe.on('error', () => process.exit(0));
onMessages(pipe, ({ header, body }) => {
  const { provider } = header as { provider: 'cpu' | 'webgpu' | 'cuda' };
  void time(provider, body).then(
    (ms) => sendMessage(pipe, { ms }),
    (error: unknown) => sendMessage(pipe, { reason: error instanceof Error ? error.message : String(error) }),
  );
});

async function time(provider: 'cpu' | 'webgpu' | 'cuda', model: Uint8Array): Promise<number> {
  const session = await openSession(model, { provider, threads: 1 });
  const data = new Float32Array(PROBE_ROWS * PROBE_WIDTH).fill(0.5);
  const x: TensorData = { type: 'float32', dims: [PROBE_ROWS, PROBE_WIDTH], data };
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run <= TIMED_RUNS; run++) {
    const startedMs = performance.now();
    const { y } = await session.run({ x });
    const first = y?.data[0];
    if (typeof first !== 'number' || !Number.isFinite(first)) throw new Error('it computes no numbers');
    // The first run compiles and allocates.
    if (run > 0) best = Math.min(best, performance.now() - startedMs);
    // A GPU that is emulated takes seconds for each; one run tells.
    if (run > 0 && best > SLOW_MS) break;
  }
  await session.close();
  return best;
}
