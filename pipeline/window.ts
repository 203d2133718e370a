import { keepEnd } from './captions/words.ts';
import type { ModalityWindow } from '../models/model.ts';
import type { Cause } from './protocol/primitives.ts';

/** One frame's place in media time: its embedding, or why there is none (null: not known yet). */
export interface FrameObservation {
  readonly ptsMs: number;
  readonly embedding: Float32Array | null;
  readonly cause: Cause | null;
}

/** Part of the window: after `startMs`, up to and including `endMs`. */
export interface Slot {
  readonly startMs: number;
  readonly endMs: number;
}

/** The window that ends at `endMs`, cut into `count` equal slots, oldest first. */
export function slotsOf(endMs: number, windowMs: number, count: number): Slot[] {
  // From the end, which the last slot must include exactly.
  const border = (slotsLeft: number): number => endMs - (windowMs * slotsLeft) / count;
  return Array.from({ length: count }, (_, i) => ({ startMs: border(count - i), endMs: border(count - i - 1) }));
}

/**
 * What stands for each slot: its newest encoded frame; where a slot has none and lost none, the encoded frame before
 * it if that is less than `holdMs` older than the slot, so that a slow or uneven frame rate leaves no holes; else the
 * newest frame that was lost or is still being encoded; undefined where nothing came.
 *
 * @param frames ascending by `ptsMs`
 * @param slots ascending
 */
export function fillSlots<F extends FrameObservation>(
  frames: readonly F[],
  slots: readonly Slot[],
  holdMs: number,
): (F | undefined)[] {
  const filled: (F | undefined)[] = slots.map(() => undefined);
  let last = frames.length - 1;
  for (let i = slots.length - 1; i >= 0; i--) {
    const slot = slots[i];
    if (!slot) continue;
    // What is too late for this slot is too late for those before it.
    while (last >= 0 && (frames[last]?.ptsMs ?? Infinity) > slot.endMs) last--;
    filled[i] = fillSlot(frames, last, slot, holdMs);
  }
  return filled;
}

/** @param last index of the newest frame that is not after the slot */
function fillSlot<F extends FrameObservation>(
  frames: readonly F[],
  last: number,
  slot: Slot,
  holdMs: number,
): F | undefined {
  let own: F | undefined;
  for (let i = last; i >= 0; i--) {
    const frame = frames[i];
    if (!frame) continue;
    if (frame.ptsMs > slot.startMs) {
      if (frame.embedding) return frame;
      if (!own || (own.cause === null && frame.cause !== null)) own = frame;
      continue;
    }
    if (own && own.cause !== null) return own;
    if (frame.ptsMs <= slot.startMs - holdMs) return own;
    if (frame.embedding) return frame;
    if (frame.cause !== null) return own;
  }
  return own;
}

export interface TimedText {
  readonly start_ms: number;
  readonly end_ms: number;
  /** On one line; empty where nothing is said. */
  readonly text: string;
}

/**
 * The captions that overlap the window and have started by its end, in the order of their start: of the newest as many
 * as make a text longer than `maxLength`, so that the work is bounded by the text and not by what came.
 *
 * @param captions ascending by `start_ms`
 * @param cut as much of a caption as the window may show; null for nothing
 */
export function captionsIn<C extends TimedText>(
  captions: readonly C[],
  { startMs, endMs }: Slot,
  maxLength: number,
  cut: (caption: C) => C | null = (caption) => caption,
): C[] {
  const newest: C[] = [];
  let length = -1;
  for (let i = captions.length - 1; i >= 0 && length <= maxLength; i--) {
    const caption = captions[i];
    if (!caption || caption.start_ms > endMs || caption.end_ms <= startMs) continue;
    const inside = cut(caption);
    const added = inside?.text.length ?? 0;
    if (!inside || added === 0) continue;
    newest.push(inside);
    length += added + 1;
  }
  return newest.toReversed();
}

/** The captions' words as one text; a text longer than `maxLength` characters keeps its end, cut between words. */
export function joinText(captions: readonly TimedText[], maxLength: number): string {
  return keepEnd(captions.map((caption) => caption.text).join(' '), maxLength);
}

/** Packs one embedding or null per slot into the heads' input; into `packed`, which is all zeros, where it is given. */
export function packModality(
  embeddings: readonly (Float32Array | null)[],
  dimension: number,
  packed: ModalityWindow = {
    embeddings: new Float32Array(embeddings.length * dimension),
    mask: new Float32Array(embeddings.length),
  },
): ModalityWindow {
  for (const [slot, embedding] of embeddings.entries()) {
    if (!embedding) continue;
    packed.embeddings.set(embedding, slot * dimension);
    packed.mask[slot] = 1;
  }
  return packed;
}
