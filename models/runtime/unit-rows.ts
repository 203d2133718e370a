import { UndertoneError } from '../errors.ts';

/**
 * Rows of `width` values, each scaled to length 1. `what` names their source in the error.
 * @throws UndertoneError `embedding_not_finite`
 */
export function unitRows(rows: Float32Array, width: number, what: string): Float32Array {
  const out = new Float32Array(rows.length);
  for (let start = 0; start < rows.length; start += width) {
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += (rows[i] as number) ** 2;
    if (!Number.isFinite(sum))
      throw new UndertoneError(
        'embedding_not_finite',
        `${what} gave an embedding that is not finite; use float32 weights, or get the model again`,
      );
    const scale = 1 / Math.max(Math.sqrt(sum), 1e-12);
    for (let i = start; i < start + width; i++) out[i] = (rows[i] as number) * scale;
  }
  return out;
}
