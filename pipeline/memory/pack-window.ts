import { packModality } from '../window.ts';
import type { ModalityWindow, WindowInput } from '../../models/model.ts';
import type { Snapshot } from '../events.ts';

/**
 * The heads' input for a window, in one piece of memory; modalities to mask are packed as if nothing of them had been
 * observed.
 */
export function packWindow({ modalities }: Snapshot, dimension: number, masked: readonly string[] = []): WindowInput {
  const count = modalities.reduce((sum, { slots }) => sum + slots.length, 0);
  const memory = new Float32Array(count * (dimension + 1));
  const part = (from: number, length: number): Float32Array =>
    new Float32Array(memory.buffer, from * Float32Array.BYTES_PER_ELEMENT, length);
  const window: Record<string, ModalityWindow> = {};
  let before = 0;
  for (const { spec, slots } of modalities) {
    const zeros = {
      embeddings: part(before * dimension, slots.length * dimension),
      mask: part(count * dimension + before, slots.length),
    };
    const isMasked = masked.includes(spec.name);
    const embeddings = slots.map(({ embedding }) => (isMasked ? null : embedding));
    window[spec.name] = packModality(embeddings, dimension, zeros);
    before += slots.length;
  }
  return window;
}
