import type { LoopOptions } from '../engine/train-loop.ts';

/** What every training stage takes beside its data. */
export interface StageOptions extends Pick<LoopOptions, 'checkpoint' | 'onProgress' | 'signal'> {
  /** Threads of onnxruntime; default 2. */
  readonly threads?: number | undefined;
}
