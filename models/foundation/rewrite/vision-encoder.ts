import { toTensor } from '../../encoders/image-input/to-tensor.ts';
import { openSession, type TensorData } from '../../runtime/session.ts';
import type { PixelScale } from './fold-pixels.ts';
import { PIXELS } from './build-vision.ts';
import type { VisionPorts } from './match-vision.ts';

/** An image encoder that is fed the same bytes whatever its graph takes. */
export interface VisionEncoder {
  /** Pixels uint8 [count, size, size, 3] to embeddings [count, d], as the graph gives them. */
  encode(pixels: Uint8Array, count: number): Promise<Float32Array>;
  /** The graph's run alone, without preparing its input, on pixels that were prepared by the last `encode`. */
  again(): Promise<void>;
  close(): Promise<void>;
}

/** How the graph is fed: bytes as they are, or the published float32 [N, 3, size, size]. */
export type VisionFeed =
  | { readonly kind: 'bytes' }
  | { readonly kind: 'tensor'; readonly input: string; readonly scale: PixelScale };

export interface VisionEncoderOptions {
  readonly size: number;
  readonly output: VisionPorts['output'];
  /** Ends the run under way with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens an image encoder on one thread of the processor. */
export async function openVisionEncoder(
  bytes: Uint8Array,
  feed: VisionFeed,
  { size, output, signal }: VisionEncoderOptions,
): Promise<VisionEncoder> {
  const session = await openSession(bytes, { threads: 1 });
  let feeds: Record<string, TensorData> = {};
  return {
    encode: async (pixels, count) => {
      feeds =
        feed.kind === 'bytes'
          ? { [PIXELS]: { type: 'uint8', dims: [count, size, size, 3], data: pixels } }
          : {
              [feed.input]: {
                type: 'float32',
                dims: [count, 3, size, size],
                data: toTensor(pixels, count, size, feed.scale),
              },
            };
      const { [output]: found } = await session.run(feeds, [output]);
      signal?.throwIfAborted();
      return Float32Array.from(found?.data as Float32Array);
    },
    again: async () => {
      await session.run(feeds, [output]);
      signal?.throwIfAborted();
    },
    close: () => session.close(),
  };
}
