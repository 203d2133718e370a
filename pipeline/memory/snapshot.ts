import { emptySlotCause, noTextCause } from '../presence.ts';
import { captionsIn, fillSlots, joinText, slotsOf } from '../window.ts';
import { sameWords } from '../captions/words.ts';
import { endsOf } from './caption-memory.ts';
import type { ModalitySpec } from '../../models/model.ts';
import type { SessionContext } from '../context.ts';
import type { ModalitySnapshot, Snapshot } from '../events.ts';
import type { CaptionEntry } from './caption-memory.ts';
import type { StreamFacts } from '../presence.ts';
import type { Caption, Cause } from '../protocol/index.ts';
import type { Slot } from '../window.ts';

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
  const window = { startMs: ptsMs - windowMs, endMs: ptsMs };
  return joinText(captionsIn(context.captions.captions, window, maxTextLength), maxTextLength);
}

/**
 * The same window with a caption that is known now; null when that changes nothing in it.
 *
 * Words that were said by the window's end count in full. Of a caption that went on after it, a window keeps as many
 * words as it had shown, in their final wording: it is only revised when the final words differ by more than case and
 * punctuation, and never gets words that were said later.
 *
 * @param failed the words that it shows are in no result, so that the caption changes something even if they stay the same
 */
export function withNewText(
  context: SessionContext,
  { ptsMs, modalities: before }: Snapshot,
  caption: Caption,
  firedMs: number,
  failed = false,
): Snapshot | null {
  const said = caption.end_ms <= ptsMs;
  let changed = false;
  const modalities = before.map((modality) => {
    if (!modality.text || !(said || (caption.is_final && modality.text.shown.has(caption.segment_id)))) return modality;
    const revised = captionsAt(context, modality.spec, ptsMs, modality.text.shown);
    const { text = '' } = revised.text ?? {};
    changed ||= failed || (said ? text !== modality.text.text : !sameWords(text, modality.text.text));
    return revised;
  });
  return changed ? { ptsMs, firedMs, modalities } : null;
}

function framesAt(context: SessionContext, spec: ModalitySpec, ptsMs: number): ModalitySnapshot {
  const { frames, settings } = context;
  const slots = slotsOf(ptsMs, settings.windowMs, spec.slots);
  // Live, a hop waits a little for frames on their way; in replay it knows what came before it, and nothing else.
  const live = settings.mode === 'live';
  const known = frames.arrivedBy(live ? Infinity : ptsMs);
  const behind = live ? frames.behind : [];
  const filled = fillSlots(known, slots, settings.holdMs);
  const newest = filled.findLast((entry) => entry?.embedding);
  const causeOf = (slot: Slot): Cause => {
    const { pauses, endedMs } = factsOf(context, spec);
    return emptySlotCause(slot, { pauses, endedMs, firstMs: frames.firstMs }, behind);
  };
  return {
    spec,
    slots: slots.map((slot, i) => {
      const entry = filled[i];
      if (!entry) return { embedding: null, cause: causeOf(slot) };
      if (entry.embedding) {
        entry.shown ??= { embedding: entry.embedding, cause: entry.frozen ? 'injected' : null };
        return entry.shown;
      }
      return { embedding: null, cause: entry.cause ?? 'load_shed' };
    }),
    observedMs: frames.observedMs(known, ptsMs),
    arrivedMs: newest?.arrivedMs ?? null,
    queueMs: newest?.timing?.queueMs ?? 0,
    encodeMs: newest?.timing?.computeMs ?? 0,
  };
}

/** @param shown for a revision: how many words of each caption that went on after the window it may show */
function captionsAt(
  context: SessionContext,
  spec: ModalitySpec,
  ptsMs: number,
  shown?: ReadonlyMap<string, number>,
): ModalitySnapshot {
  const { captions, settings } = context;
  const window = { startMs: ptsMs - settings.windowMs, endMs: ptsMs };
  const inside = captionsIn(captions.captions, window, settings.maxTextLength, (caption) =>
    shown === undefined || caption.end_ms <= ptsMs ? caption : cutCaption(caption, shown.get(caption.segment_id) ?? 0),
  );
  const {
    text,
    isFinal,
    shown: words,
  } = captions.reading(inside, (entries) => ({
    text: joinText(entries, settings.maxTextLength),
    isFinal: entries.every((caption) => caption.is_final),
    shown: new Map(entries.map((caption) => [caption.segment_id, endsOf(caption).length])),
  }));
  return {
    spec,
    slots: [{ embedding: null, cause: text === '' ? quietCause(context, spec, ptsMs) : 'load_shed' }],
    observedMs: captions.observedMs(ptsMs),
    arrivedMs: inside.length === 0 ? null : Math.max(...inside.map((caption) => caption.arrivedMs)),
    queueMs: 0,
    encodeMs: 0,
    text: {
      text,
      isFinal,
      injected: inside.some(({ frozen }) => frozen) || captions.isInjected(window),
      shown: words,
    },
  };
}

/** As much of a caption that went on after the window as it may show. */
function cutCaption(caption: CaptionEntry, count: number): CaptionEntry | null {
  if (count === 0) return null;
  const ends = endsOf(caption);
  if (count >= ends.length) return caption;
  return { ...caption, text: caption.text.slice(0, ends[count - 1]), ends: ends.subarray(0, count) };
}

function quietCause(context: SessionContext, spec: ModalitySpec, ptsMs: number): ReturnType<typeof noTextCause> {
  const { captions, frames, media, settings, streams } = context;
  const pausedMs = streams.get(settings.frameModality ?? '')?.pauses.at(-1)?.endMs ?? -Infinity;
  const behindMs = frames.behind.at(-1)?.endMs ?? -Infinity;
  // A keepalive from before the first media has no media time of its own.
  const aliveMs = captions.aliveMs === null ? null : Math.max(captions.aliveMs, media.originMs ?? 0);
  // Until then frames came, or there was a reason for them not to.
  const flowedMs = Math.max(frames.newestMs ?? -Infinity, pausedMs, behindMs);
  // A sign of life after they stopped: the connection is there, with frames or without.
  const stillThere = (aliveMs ?? -Infinity) - flowedMs > settings.gapMs;
  const quietMs = ptsMs - Math.max(flowedMs, aliveMs ?? -Infinity);
  const window = { startMs: ptsMs - settings.windowMs, endMs: ptsMs };
  return noTextCause(
    window,
    {
      ...factsOf(context, spec),
      aliveMs,
      injected: captions.isInjected(window),
      disconnected: settings.mode === 'live' && frames.newestMs !== null && !stillThere && quietMs > settings.gapMs,
    },
    settings.mode === 'live' ? settings.aliveMs : Infinity,
  );
}

/** A modality that no input feeds. */
function nothingOf(spec: ModalitySpec): ModalitySnapshot {
  const slots = Array.from({ length: spec.slots }, () => ({ embedding: null, cause: 'no_signal' as const }));
  return { spec, slots, observedMs: null, arrivedMs: null, queueMs: 0, encodeMs: 0 };
}

function factsOf(context: SessionContext, spec: ModalitySpec): StreamFacts {
  const stream = context.streams.get(spec.name);
  return { pauses: stream?.pauses ?? [], endedMs: stream?.endedMs ?? null };
}
