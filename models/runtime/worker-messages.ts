import type { RunnerSpec } from './model-runner.ts';

/** First message to an inference process: what to load. */
export interface LoadRequest {
  readonly op: 'load';
  readonly spec: RunnerSpec;
  /** Check the files' sha256 again before loading: they may have changed since the bundle was read. */
  readonly verify: boolean;
}

/** Where the bytes of one image of a batch are: the next `bytes` of the body, a file or packed RGB rows. */
export type ImageItem =
  | { readonly bytes: number }
  | { readonly bytes: number; readonly width: number; readonly height: number };

/** A batch of one kind. Bodies: the images; nothing; per modality in manifest order all embeddings, then all masks. */
export type BatchRequest =
  | { readonly op: 'images'; readonly id: number; readonly modality: string; readonly items: readonly ImageItem[] }
  | { readonly op: 'texts'; readonly id: number; readonly modality: string; readonly texts: readonly string[] }
  | { readonly op: 'windows'; readonly id: number; readonly count: number };

export type WorkerRequest = LoadRequest | BatchRequest;

/** One input of a batch that was at fault itself: index, error code, message. */
export type Fault = readonly [index: number, code: string, message: string];

/**
 * Bodies of `done`, float32: `[count, d]` embeddings (zeros where at fault); or score, logVariance, sentimentLogits,
 * emotionLogits and the virtual embedding of every modality, each with `count` rows.
 */
export type WorkerReply =
  | { readonly op: 'ready' }
  | { readonly op: 'refused'; readonly code: string; readonly message: string; readonly deviceFailed: boolean }
  | {
      readonly op: 'done';
      readonly id: number;
      readonly computeMs: number;
      /** Part of `computeMs` in which images were decoded and fitted. */
      readonly decodeMs: number;
      readonly faults: readonly Fault[];
    }
  /** `deviceFailed`: the GPU is lost or full, and stays so. */
  | { readonly op: 'failed'; readonly id: number; readonly message: string; readonly deviceFailed: boolean };
