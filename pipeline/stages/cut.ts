import { snapshotAt, textAt, withNewText } from '../memory/snapshot.ts';
import { mapEach } from '../operators/map-each.ts';
import { problem } from '../problems.ts';
import type { SessionContext } from '../context.ts';
import type { PlacedCaption, Cut, Encoded, OutputEvent, WindowEvent } from '../events.ts';
import type { Caption } from '../protocol/index.ts';
import type { OperatorFunction } from 'rxjs';

/** Takes captions into the session's memory and cuts the windows of hops out of it, and those that captions revise. */
export function cut(context: SessionContext): OperatorFunction<Encoded, Cut> {
  return mapEach((event): Cut[] => {
    switch (event.kind) {
      case 'hop':
        return [cutWindow(context, event.ptsMs, event.firedMs)];
      case 'caption':
        return applyCaption(context, event);
      case 'keepalive':
        context.captions.aliveMs = event.atMs;
        return [{ kind: 'output', output: null, settled: event.settled }];
      case 'modality':
      case 'finalize':
        return [{ kind: 'output', output: null, settled: event.settled }];
      case 'output':
      default:
        return [event];
    }
  });
}

function applyCaption(context: SessionContext, event: PlacedCaption): Cut[] {
  const { captions, frames, measures, media, settings, texts } = context;
  const { atMs, caption, settled } = event;
  const done: OutputEvent = { kind: 'output', output: null, settled };
  if (frames.newestMs !== null) measures.skew(caption.end_ms - frames.newestMs);
  captions.aliveMs = atMs;
  if (event.lost) {
    captions.inject(caption);
    return [done];
  }
  const applied = captions.apply(caption, event.arrivedMs, event.frozen);
  if (applied === 'repeated') return [done];
  if (applied === 'stale') {
    const { segment_id: id, revision } = caption;
    const message = `caption ${id} revision ${revision} is not newer than the one before it; raise it with each change`;
    return [{ ...done, output: problem('warning', 'caption_order', message, id) }];
  }
  if (settings.mode === 'live') {
    const text = textAt(context, media.nextHopMs);
    if (text !== '') texts.ahead(text, media.nextHopMs);
  }
  return [...revisions(context, caption, atMs), done];
}

/**
 * The windows within the allowed lateness that words change which are only known now.
 *
 * Live, one revision of a window waits for its prediction at most, and the newest words take its place: so many captions
 * cost no more predictions than a few. In replay every one is predicted, however long that takes.
 */
function revisions(context: SessionContext, caption: Caption, nowMs: number): WindowEvent[] {
  const { clock, history, settings } = context;
  return history.windows.flatMap((record): WindowEvent[] => {
    if (record.snapshot.ptsMs < nowMs - settings.latenessMs) return [];
    const revised = withNewText(context, record.snapshot, caption, clock.now(), record.failed);
    if (!revised) return [];
    record.snapshot = revised;
    record.failed = false;
    if (record.waiting) {
      record.waiting.snapshot = revised;
      return [];
    }
    const event: WindowEvent = { kind: 'window', snapshot: revised, record, revises: true };
    if (settings.mode === 'live') record.waiting = event;
    context.pendingWindows++;
    return [event];
  });
}

function cutWindow(context: SessionContext, ptsMs: number, firedMs: number): WindowEvent {
  const { captions, frames, repeatable, settings, streams } = context;
  const snapshot = snapshotAt(context, ptsMs, firedMs);
  const beforeMs = ptsMs - settings.windowMs;
  frames.prune(beforeMs - settings.holdMs);
  captions.prune(beforeMs - settings.latenessMs);
  repeatable.image.prune(beforeMs);
  repeatable.text.prune(beforeMs - settings.latenessMs);
  for (const stream of streams.values()) stream.prune(beforeMs - settings.latenessMs);
  context.history.prune(ptsMs - settings.latenessMs);
  const record = context.history.add(snapshot);
  context.pendingWindows++;
  context.pendingHops++;
  return { kind: 'window', snapshot, record, revises: false };
}
