import type { Cause } from './protocol/primitives.ts';
import type { Slot } from './window.ts';

/** Media time in which a modality was paused by the client; open while it still is. */
export interface Pause {
  readonly startMs: number;
  endMs: number;
}

/** What a session knows about a modality besides its observations. */
export interface StreamFacts {
  readonly pauses: readonly Pause[];
  /** Media time after which nothing more is to come; null while the stream is open. */
  readonly endedMs: number | null;
}

export interface FrameFacts extends StreamFacts {
  /** Media time of the first frame; null before it. */
  readonly firstMs: number | null;
}

/**
 * Why a slot without any frame of its own is empty.
 *
 * @param behind when the encoder had always a frame to do: a client that sends by credit sends none then
 */
export function emptySlotCause(slot: Slot, facts: FrameFacts, behind: readonly Slot[]): Cause {
  if (isPaused(facts.pauses, slot)) return 'client_paused';
  if (facts.firstMs === null || slot.endMs < facts.firstMs) return 'no_signal';
  if (behind.some(({ startMs, endMs }) => startMs <= slot.startMs && endMs > slot.startMs)) return 'load_shed';
  if (facts.endedMs !== null && slot.endMs > facts.endedMs) return 'ended';
  return 'network_gap';
}

export interface CaptionFacts extends StreamFacts {
  /** Media time of the last caption or keepalive; null before the first. */
  readonly aliveMs: number | null;
  /** Injection took words of the window away. */
  readonly injected: boolean;
  /** Nothing comes from the client any more, not even frames that used to. */
  readonly disconnected: boolean;
}

/** Why the window has no text. */
export function noTextCause(window: Slot, facts: CaptionFacts, aliveForMs: number): Cause {
  if (isPaused(facts.pauses, { startMs: window.endMs, endMs: window.endMs })) return 'client_paused';
  if (facts.injected) return 'injected';
  if (facts.aliveMs === null) return 'no_signal';
  if (facts.endedMs !== null && window.endMs > facts.endedMs) return 'ended';
  if (facts.disconnected || window.endMs - facts.aliveMs > aliveForMs) return 'network_gap';
  return 'silence';
}

/** True when they share a moment; their borders count. */
function isPaused(pauses: readonly Pause[], slot: Slot): boolean {
  return pauses.some((pause) => pause.startMs <= slot.endMs && pause.endMs >= slot.startMs);
}
