import type { DeviceInfo } from '../model.ts';

/** One finished batch, for metrics. */
export interface BatchEvent {
  readonly kind: 'heads' | 'text' | 'image';
  /** `predict`, or the modality's name. */
  readonly lane: string;
  readonly size: number;
  /** Milliseconds that the oldest input of the batch had waited. */
  readonly queueMs: number;
  /** Milliseconds inside the inference process. */
  readonly computeMs: number;
  /** Part of `computeMs` in which images were decoded and fitted; 0 for other inputs. */
  readonly decodeMs: number;
  readonly ok: boolean;
}

/** What happened to an inference process, for logs and metrics. */
export type WorkerEvent =
  | { readonly type: 'worker_started'; readonly pid: number; readonly loadMs: number }
  /** The GPU is lost, full, or failed again and again: this process runs on the processor from now on. */
  | { readonly type: 'provider_fallback'; readonly from: DeviceInfo['provider']; readonly message: string }
  | {
      readonly type: 'worker_ended';
      readonly pid: number | undefined;
      readonly code: string;
      readonly message: string;
    };

/** The model runs, but not as it could; the message says what to do. */
export interface Notice {
  readonly type: 'notice';
  readonly code: string;
  readonly message: string;
}

export type RuntimeEvent = WorkerEvent | Notice;

export interface LaneStats {
  readonly lane: string;
  readonly kind: 'heads' | 'text' | 'image';
  readonly queued: number;
  readonly served: number;
  /** Overflowed, expired, or lost with their process. */
  readonly rejected: number;
  /** Running mean of a batch's milliseconds per input; undefined before the first. */
  readonly msPerInput: number | undefined;
}

export interface WorkerStats {
  readonly provider: DeviceInfo['provider'];
  readonly pid: number | undefined;
  readonly state: 'starting' | 'idle' | 'busy' | 'waiting';
  /** Milliseconds since it could last run a batch; 0 while it can. */
  readonly awayMs: number;
  readonly batches: number;
  readonly restarts: number;
}

export interface RuntimeStats {
  readonly device: DeviceInfo;
  readonly workers: readonly WorkerStats[];
  readonly lanes: readonly LaneStats[];
}
