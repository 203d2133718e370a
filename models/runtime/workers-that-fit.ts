export interface Room {
  /** Cores that this process may use. */
  readonly cores: number;
  /** Memory that inference processes may take. */
  readonly availableBytes: number;
  /** The files that each of them loads. */
  readonly modelBytes: number;
}

/** What an inference process takes besides its model. */
const PROCESS_BYTES = 150 * 2 ** 20;

/** The runtime keeps weights in an order of its own, beside those of the file at least while it loads. */
const COPIES = 2;

/** Inference processes on the processor: one per core, or as many as memory has room for; one at least. */
export function workersThatFit({ cores, availableBytes, modelBytes }: Room): number {
  const each = PROCESS_BYTES + COPIES * modelBytes;
  return Math.max(1, Math.min(cores, Math.floor(availableBytes / each)));
}
