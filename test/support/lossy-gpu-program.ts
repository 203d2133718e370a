import { writeFileSync } from 'node:fs';
import { UndertoneError } from '../../models/errors.ts';
import { ModelRunner } from '../../models/runtime/model-runner.ts';
import { serveBatches } from '../../models/runtime/serve-batches.ts';
import type { TimedInputs } from '../../models/runtime/encoder-runner.ts';
import type { RunnerSpec } from '../../models/runtime/model-runner.ts';

/** What onnxruntime says, by the way in which the GPU fails. */
const MESSAGES = {
  lost: 'Non-zero status code returned while running Conv node. WebGPU device lost (1): the driver was reset.',
  full: 'bfc_arena.cc:359 AllocateRawInternal Failed to allocate memory for requested buffer of size 268435456',
  refused: 'onnxruntime cannot open image.onnx: Could not find an implementation for Gelu(20) node',
};

/** Frames that the GPU encodes before it fails; each later one fails too. */
const FRAMES = 4;

/**
 * A real inference process whose "GPU" is the processor, with a fault to come: `node PROGRAM lost` or `full`. With `absent`
 * it finds the GPU full when it loads, with `refuses` the runtime does not take the model there, and with `aborts` the driver
 * ends the process then. `second FILE` is a GPU on which one process fits: the one that makes the file. With `none` it works.
 * Asked for the processor it works as always.
 */
class LossyGpu extends ModelRunner {
  readonly #fails: string;
  #frames = 0;

  constructor(spec: RunnerSpec, fails: string) {
    super({ ...spec, provider: 'cpu' });
    this.#fails = fails;
  }

  override async encodeImages(...args: Parameters<ModelRunner['encodeImages']>): Promise<TimedInputs> {
    const encoded = await super.encodeImages(...args);
    this.#count(args[1].length);
    return encoded;
  }

  override async encodePixels(...args: Parameters<ModelRunner['encodePixels']>): Promise<Float32Array> {
    const encoded = await super.encodePixels(...args);
    this.#count(args[2]);
    return encoded;
  }

  #count(frames: number): void {
    this.#frames += frames;
    if (this.#fails === 'absent') throw new Error(MESSAGES.full);
    if (this.#fails === 'second') claim(process.argv[3] ?? '');
    if (this.#fails === 'refuses') throw new UndertoneError('model_unreadable', MESSAGES.refused);
    if (this.#fails === 'aborts') process.abort();
    // The first frame is the one that warms it up.
    if (!['second', 'none'].includes(this.#fails) && this.#frames > FRAMES + 1)
      throw new Error(this.#fails === 'full' ? MESSAGES.full : MESSAGES.lost);
  }
}

let claimed = false;

/** Makes the file, once in this process. @throws Error when another process has made it */
function claim(file: string): void {
  if (claimed) return;
  try {
    writeFileSync(file, '', { flag: 'wx' });
  } catch (error) {
    throw new Error(MESSAGES.full, { cause: error });
  }
  claimed = true;
}

const fails = process.argv[2] ?? 'lost';
serveBatches((spec) => (spec.provider === 'cpu' ? new ModelRunner(spec) : new LossyGpu(spec, fails)));
