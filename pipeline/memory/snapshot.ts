import { emptySlotCause, noTextCause } from '../presence.ts';
import { captionsIn, fillSlots, joinText, slotsOf } from '../window.ts';
import type { ModalitySpec } from '../../models/model.ts';
import type { SessionContext } from '../context.ts';
import type { ModalitySnapshot, Snapshot } from '../events.ts';
import type { StreamFacts } from '../presence.ts';

/** Cuts the window that ends at `ptsMs` out of the session's memory; the copy does not change any more. */
export function snapshotAt(context: SessionContext, ptsMs: number, firedMs: number): Snapshot {
  const { frameModality, captionModality } = context.settings;
  return {
    ptsMs,
    firedMs,
    modalities: context.model.info.modalities.map((spec) => {
      if (spec.name === frameModality) return framesAt(context, spec, ptsMs);
      if (spec.name === captionModality) return captionsAt(context, spec, ptsMs);
      return nothingOf(spec);
    }),
  };
}

/** Text of the window that ends at `ptsMs`. */
export function textAt(context: SessionContext, ptsMs: number): string {
  const { windowMs, maxTextLength } = context.settings;
  return joinText(captionsIn(context.captions.captions, ptsMs, windowMs), maxTextLength);
}

/** The same window with the captions known now; null when its text is the same. */
export function withNewText(context: SessionContext, snapshot: Snapshot, firedMs: number): Snapshot | null {
  const { ptsMs } = snapshot;
  const text = textAt(context, ptsMs);
  if (snapshot.modalities.every((modality) => !modality.text || modality.text.text === text)) return null;
  const modalities = snapshot.modalities.map((modality) =>
    modality.text ? captionsAt(context, modality.spec, ptsMs) : modality,
  );
  return { ptsMs, firedMs, modalities };
}

function framesAt(context: SessionContext, spec: ModalitySpec, ptsMs: number): ModalitySnapshot {
  const { frames, settings } = context;
  const facts = factsOf(context, spec, frames.firstMs);
  const slots = slotsOf(ptsMs, settings.windowMs, spec.slots);
  // Live, a hop waits a little for frames on their way; in replay it knows what came before it, and nothing else.
  const known = frames.arrivedBy(settings.mode === 'live' ? Infinity : ptsMs);
  const filled = fillSlots(known, slots, settings.holdMs);
  const newest = filled.findLast((entry) => entry?.embedding);
  return {
    spec,
    slots: slots.map((slot, i) => {
      const entry = filled[i];
      if (!entry) return { embedding: null, cause: emptySlotCause(slot, facts) };
      if (entry.embedding) return { embedding: entry.embedding, cause: entry.frozen ? 'injected' : null };
      return { embedding: null, cause: entry.cause ?? 'load_shed' };
    }),
    observedMs: frames.observedMs(known, ptsMs),
    arrivedMs: newest?.arrivedMs ?? null,
    queueMs: newest?.timing?.queueMs ?? 0,
    encodeMs: newest?.timing?.computeMs ?? 0,
  };
}

function captionsAt(context: SessionContext, spec: ModalitySpec, ptsMs: number): ModalitySnapshot {
  const { captions, settings } = context;
  const inside = captionsIn(captions.captions, ptsMs, settings.windowMs);
  const text = joinText(inside, settings.maxTextLength);
  return {
    spec,
    slots: [{ embedding: null, cause: text === '' ? quietCause(context, spec, ptsMs) : 'load_shed' }],
    observedMs: captions.observedMs(ptsMs),
    arrivedMs: inside.length === 0 ? null : Math.max(...inside.map((caption) => caption.arrivedMs)),
    queueMs: 0,
    encodeMs: 0,
    text: { text, isFinal: inside.every((caption) => caption.is_final) },
  };
}

function quietCause(context: SessionContext, spec: ModalitySpec, ptsMs: number): ReturnType<typeof noTextCause> {
  const { captions, frames, settings, streams } = context;
  const framesPaused = streams.get(settings.frameModality ?? '')?.paused ?? false;
  const lastMs = Math.max(frames.newestMs ?? -Infinity, captions.aliveMs ?? -Infinity);
  return noTextCause(
    { startMs: ptsMs - settings.windowMs, endMs: ptsMs },
    {
      ...factsOf(context, spec, captions.firstMs),
      aliveMs: captions.aliveMs,
      injected: captions.injected,
      disconnected:
        settings.mode === 'live' && frames.newestMs !== null && !framesPaused && ptsMs - lastMs > settings.gapMs,
    },
    settings.mode === 'live' ? settings.aliveMs : Infinity,
  );
}

/** A modality that no input feeds. */
function nothingOf(spec: ModalitySpec): ModalitySnapshot {
  const slots = Array.from({ length: spec.slots }, () => ({ embedding: null, cause: 'no_signal' as const }));
  return { spec, slots, observedMs: null, arrivedMs: null, queueMs: 0, encodeMs: 0 };
}

function factsOf(context: SessionContext, spec: ModalitySpec, firstMs: number | null): StreamFacts {
  const stream = context.streams.get(spec.name);
  return { pauses: stream?.pauses ?? [], firstMs, endedMs: stream?.endedMs ?? null };
}
