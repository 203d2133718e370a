import { UndertoneError } from '../../models/errors.ts';
import { speechOf } from '../captions/speech-of.ts';
import { mapEach } from '../operators/map-each.ts';
import { problem } from '../problems.ts';
import type { SessionContext } from '../context.ts';
import type { Admitted, Arrival, CaptionEvent, FrameEvent, SwitchEvent } from '../events.ts';
import type { Problem } from '../frames.ts';
import type { DropReason } from '../counters.ts';
import type { OperatorFunction } from 'rxjs';

const ONE_CLOCK = 'use one clock for frames and captions';
const WAITED = 'it waited for a connection, or frames and captions do not use one clock';
const IN_ORDER = 'send frames in order, and open a new session for a new clock';

/**
 * Counts what comes, refuses what is out of order, and applies pauses.
 *
 * A refused input settles here; a frame that is lost on purpose goes on as a hole with its cause.
 */
export function ingest(context: SessionContext): OperatorFunction<Arrival, Admitted> {
  const order: FrameOrder = { newestMs: null };
  return mapEach((arrival) => {
    switch (arrival.kind) {
      case 'frame':
        return frame(context, order, arrival);
      case 'caption':
        return caption(context, arrival);
      case 'modality':
        return modality(context, arrival);
      case 'keepalive':
      case 'finalize':
      default:
        return [arrival];
    }
  });
}

interface FrameOrder {
  newestMs: number | null;
}

function frame(context: SessionContext, order: FrameOrder, event: FrameEvent): Admitted[] {
  const { counters, media, settings, streams, troubles } = context;
  const { ptsMs, seq } = event.frame;
  counters.frameReceived();
  if (settings.frameModality === null) {
    counters.frameDropped('no_modality');
    const error = new UndertoneError('unknown_modality', 'the bundle takes no frames: send captions alone');
    return [refused(context, event, troubles.failed('frame', error, seq))];
  }
  if (order.newestMs !== null && ptsMs <= order.newestMs) {
    counters.frameDropped('out_of_order');
    const message = `frame ${seq} at ${ptsMs} ms is not after the frame before it at ${order.newestMs} ms; ${IN_ORDER}`;
    return [refused(context, event, problem('warning', 'frame_order', message, seq))];
  }
  if (!media.accepts(ptsMs)) {
    counters.frameDropped('out_of_order');
    const message = `frame ${seq} at ${ptsMs} ms is more than ${settings.jumpMs} ms ahead of media time; ${ONE_CLOCK}`;
    return [refused(context, event, troubles.met('ahead', problem('warning', 'frame_order', message, seq)))];
  }
  troubles.succeeded('ahead');
  order.newestMs = ptsMs;
  media.noteFrame(ptsMs);
  const stream = streams.get(settings.frameModality);
  if (stream) stream.endedMs = null;
  if (stream?.paused) return [lost(context, event, 'paused', 'client_paused')];
  const late = lateness(context, event);
  return late ? [{ kind: 'output', output: late }, event] : [event];
}

/** Tells once that frames come too late for any window, and again only after one was in time. */
function lateness(
  { media, settings, troubles }: SessionContext,
  { frame: { ptsMs, seq } }: FrameEvent,
): Problem | null {
  const lagMs = media.nowMs() - ptsMs;
  if (lagMs < settings.windowMs) {
    troubles.succeeded('late');
    return null;
  }
  const message = `frame ${seq} is ${lagMs} ms behind media time; ${ONE_CLOCK}`;
  return troubles.met('late', problem('warning', 'frame_order', message, seq));
}

function lost(
  context: SessionContext,
  event: FrameEvent,
  reason: DropReason,
  cause: NonNullable<FrameEvent['lost']>,
): FrameEvent {
  context.counters.frameDropped(reason);
  return { ...event, lost: cause };
}

function caption(context: SessionContext, event: CaptionEvent): Admitted[] {
  const { captions, counters, media, settings, streams } = context;
  const { segment_id: id, start_ms: startMs, end_ms: endMs, is_final: isFinal } = event.caption;
  counters.captions++;
  if (settings.captionModality === null) {
    const error = new UndertoneError('unknown_modality', 'the bundle takes no captions: send frames alone');
    return [refused(context, event, context.troubles.failed('caption', error, id))];
  }
  if (!media.accepts(startMs)) {
    const message = `caption ${id} at ${startMs} ms is more than ${settings.jumpMs} ms ahead of media time; ${ONE_CLOCK}`;
    return [refused(context, event, problem('warning', 'caption_order', message, id))];
  }
  if (media.started && endMs < media.nowMs() - settings.windowMs - settings.latenessMs) {
    // Sent again after a long gap by a client that does not know that it had arrived.
    if (captions.knows(event.caption)) return [refused(context, event, null)];
    const message = `caption ${id} ended at ${endMs} ms, too long ago to change any result: ${WAITED}`;
    return [refused(context, event, problem('warning', 'caption_order', message, id))];
  }
  const saidMs = endOf(context, event);
  if (isFinal) media.noteSaid(startMs, saidMs);
  const stream = streams.get(settings.captionModality);
  if (stream) stream.endedMs = null;
  if (stream?.paused) return [refused(context, event, null)];
  const taken = { ...event, caption: { ...event.caption, text: speechOf(event.caption.text), end_ms: saidMs } };
  const cut = cutShort(context, event, saidMs);
  return cut ? [{ kind: 'output', output: cut }, taken] : [taken];
}

/**
 * Until when words may be said, as the caption tells it. Live, nobody knows what is said much later than now: words that end
 * further than `jumpMs` ahead of media time, and than `captionMs` after their start, end there.
 */
function endOf({ media, settings }: SessionContext, { caption: told }: CaptionEvent): number {
  if (settings.mode === 'replay') return told.end_ms;
  const aheadMs = media.started ? media.nowMs() + settings.jumpMs : 0;
  return Math.min(told.end_ms, Math.max(aheadMs, told.start_ms + settings.captionMs));
}

/** Tells once that captions end too far ahead, and again only after one did not. */
function cutShort({ settings, troubles }: SessionContext, event: CaptionEvent, endMs: number): Problem | null {
  const { segment_id: id, end_ms: toldMs } = event.caption;
  if (toldMs <= endMs) {
    troubles.succeeded('length');
    return null;
  }
  const message =
    `caption ${id} ends at ${toldMs} ms, more than ${settings.jumpMs} ms ahead of media time and ` +
    `${settings.captionMs} ms after its start; its end was cut to ${endMs} ms; give times in milliseconds of media time`;
  return troubles.met('length', problem('warning', 'caption_length', message, id));
}

function modality(context: SessionContext, event: SwitchEvent): Admitted[] {
  const stream = context.streams.get(event.modality);
  if (!stream) {
    const known = [...context.streams.keys()].join(', ');
    const message = `the bundle has no modality ${event.modality}, only ${known}`;
    return [refused(context, event, problem('error', 'unknown_modality', message, event.modality))];
  }
  if (event.state === 'ended') stream.endedMs ??= context.media.nowMs();
  if (event.state === 'paused') stream.pause(context.media.nowMs());
  if (event.state === 'active') stream.resume(context.media.nowMs());
  return [event];
}

function refused(context: SessionContext, event: Arrival, output: Problem | null): Admitted {
  if (output?.type === 'error') context.counters.errors++;
  return { kind: 'output', output, settled: event.settled };
}
