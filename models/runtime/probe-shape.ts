/** Input of the probe's model: `[PROBE_ROWS, PROBE_WIDTH]`. */
export const PROBE_ROWS = 128;
export const PROBE_WIDTH = 512;

/** Runs of which the fastest counts. */
export const TIMED_RUNS = 5;

/** A run that takes longer is not repeated. */
export const SLOW_MS = 500;
