/** Input of the probe's model: `[PROBE_ROWS, PROBE_WIDTH]`. */
export const PROBE_ROWS = 128;
export const PROBE_WIDTH = 512;
