import { connect, filter, merge } from 'rxjs';
import { conflate } from '../operators/conflate.ts';
import { orderedMap } from '../operators/ordered-map.ts';
import { snapshotAt, textAt } from '../memory/snapshot.ts';
import { isInputError, problem, problemOf } from '../problems.ts';
import type { SessionContext } from '../context.ts';
import type { Aligned, CaptionEvent, Encoded, OutputEvent, PlacedFrame, WindowEvent } from '../events.ts';
import type { OperatorFunction } from 'rxjs';

/**
 * Turns frames and captions into what windows are made of, and hops into windows.
 *
 * Live, frames have a lane of their own with one place (newest wins), and hops take what is encoded by then. In
 * replay everything is in order: a hop has the embeddings of all frames before it.
 */
export function encode(context: SessionContext): OperatorFunction<Aligned, Encoded> {
  const { settings } = context;
  if (settings.mode === 'replay') return orderedMap((event) => encodeEvent(context, event), settings.concurrency);

  let running: Promise<Encoded> | undefined;
  const start = (event: PlacedFrame): Promise<Encoded> => {
    running = encodeFrame(context, event).then((output) => {
      event.settled();
      return { ...output, settled: undefined };
    });
    return running;
  };
  const quiet = async (): Promise<Encoded> => {
    await running;
    await running;
    return { kind: 'output', output: null };
  };
  return connect((events) =>
    merge(
      events.pipe(
        filter((event) => inLane(event)),
        conflate(start, (event) => supersede(context, event)),
      ),
      events.pipe(
        filter((event) => !inLane(event)),
        orderedMap((event) => (event.kind === 'flush' ? quiet() : encodeEvent(context, event)), 1),
      ),
    ),
  );
}

/** Frames to encode; a frame that is lost already only leaves its hole. */
function inLane(event: Aligned): event is PlacedFrame {
  return event.kind === 'placed' && event.entry.cause === null;
}

function supersede(context: SessionContext, event: PlacedFrame): void {
  context.frames.lose(event.entry, 'load_shed');
  context.counters.frameDropped('superseded');
  event.settled();
}

function encodeEvent(context: SessionContext, event: Aligned): Encoded | Promise<Encoded> {
  switch (event.kind) {
    case 'placed':
      return event.entry.cause === null
        ? encodeFrame(context, event)
        : { kind: 'output', output: null, settled: event.settled };
    case 'caption':
      return applyCaption(context, event);
    case 'keepalive':
      context.captions.aliveMs = context.media.nowMs();
      return { kind: 'output', output: null, settled: event.settled };
    case 'hop':
      return cutWindow(context, event.ptsMs, event.firedMs);
    case 'modality':
    case 'finalize':
      return { kind: 'output', output: null, settled: event.settled };
    case 'flush':
      return { kind: 'output', output: null };
    case 'output':
    default:
      return event;
  }
}

async function encodeFrame(context: SessionContext, event: PlacedFrame): Promise<OutputEvent> {
  const { counters, frames, measures, model, settings, troubles } = context;
  const { entry, frame, settled } = event;
  try {
    const { embedding, timing } = await model.encode(settings.frameModality ?? '', frame.image);
    entry.embedding = embedding;
    entry.timing = timing;
    counters.frameEncoded();
    measures.latency('encode', timing.queueMs + timing.computeMs);
    troubles.succeeded('encode');
    context.frameEncoded.next(entry.ptsMs);
    return { kind: 'output', output: null, settled };
  } catch (error) {
    if (isInputError(error)) {
      frames.lose(entry, 'decode_error');
      counters.frameDropped('decode_error');
      counters.errors++;
      return { kind: 'output', output: problemOf('error', error, frame.seq), settled };
    }
    frames.lose(entry, 'load_shed');
    counters.frameDropped('load_shed');
    return { kind: 'output', output: troubles.failed('encode', error, frame.seq), settled };
  }
}

function applyCaption(context: SessionContext, event: CaptionEvent): OutputEvent {
  const { captions, frames, measures, media, texts } = context;
  const { caption, settled } = event;
  if (frames.newestMs !== null) measures.skew(caption.end_ms - frames.newestMs);
  captions.aliveMs = media.nowMs();
  if (event.lost) {
    captions.inject(caption);
    return { kind: 'output', output: null, settled };
  }
  if (captions.apply(caption, event.arrivedMs) === 'stale') {
    const message = `caption ${caption.segment_id} revision ${caption.revision} is not newer than the one before it`;
    return { kind: 'output', output: problem('warning', 'caption_order', message, caption.segment_id), settled };
  }
  const text = textAt(context, media.nowMs());
  if (text !== '') texts.get(text).catch(() => undefined);
  return { kind: 'output', output: null, settled };
}

function cutWindow(context: SessionContext, ptsMs: number, firedMs: number): WindowEvent {
  const { captions, frames, settings, streams } = context;
  const snapshot = snapshotAt(context, ptsMs, firedMs);
  const beforeMs = ptsMs - settings.windowMs;
  frames.prune(beforeMs - settings.holdMs);
  captions.prune(beforeMs - settings.latenessMs);
  for (const stream of streams.values()) stream.prune(beforeMs - settings.latenessMs);
  context.pendingWindows++;
  return { kind: 'window', snapshot, revises: false };
}
