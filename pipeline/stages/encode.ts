import { concatMap, connect, filter, map, merge, pipe } from 'rxjs';
import { conflate } from '../operators/conflate.ts';
import { orderedMap } from '../operators/ordered-map.ts';
import { snapshotAt, textAt, withNewText } from '../memory/snapshot.ts';
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
  if (settings.mode === 'replay') return inOrder((event) => encodeEvent(context, event), settings.concurrency);

  let running: Promise<OutputEvent> | undefined;
  const start = (event: PlacedFrame): Promise<OutputEvent> => {
    running = encodeFrame(context, event);
    return running;
  };
  const quiet = async (): Promise<Encoded[]> => {
    await running;
    await running;
    return [];
  };
  return connect((events) =>
    merge(
      events.pipe(
        filter((event) => inLane(event)),
        conflate(start, (event) => supersede(context, event)),
        map((event) => settleNow(event)),
      ),
      events.pipe(
        filter((event) => !inLane(event)),
        inOrder((event) => (event.kind === 'flush' ? quiet() : encodeEvent(context, event)), 1),
      ),
    ),
  );
}

function inOrder(
  project: (event: Aligned) => Encoded[] | Promise<Encoded[]>,
  concurrency: number,
): OperatorFunction<Aligned, Encoded> {
  return pipe(
    orderedMap(project, concurrency),
    concatMap((events) => events),
  );
}

/** A live frame settles when it is encoded, not when the predictions before it are out. */
function settleNow(event: OutputEvent): OutputEvent {
  event.settled?.();
  return { kind: 'output', output: event.output };
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

function encodeEvent(context: SessionContext, event: Aligned): Encoded[] | Promise<Encoded[]> {
  switch (event.kind) {
    case 'placed':
      return event.entry.cause === null
        ? encodeFrame(context, event).then((output) => [output])
        : [{ kind: 'output', output: null, settled: event.settled }];
    case 'caption':
      return applyCaption(context, event);
    case 'keepalive':
      context.captions.aliveMs = context.media.nowMs();
      return [{ kind: 'output', output: null, settled: event.settled }];
    case 'hop':
      return [cutWindow(context, event.ptsMs, event.firedMs)];
    case 'modality':
    case 'finalize':
      return [{ kind: 'output', output: null, settled: event.settled }];
    case 'flush':
      return [];
    case 'output':
    default:
      return [event];
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

function applyCaption(context: SessionContext, event: CaptionEvent): Encoded[] {
  const { captions, frames, measures, media, settings, texts } = context;
  const { caption, settled } = event;
  const done: OutputEvent = { kind: 'output', output: null, settled };
  if (frames.newestMs !== null) measures.skew(caption.end_ms - frames.newestMs);
  captions.aliveMs = media.nowMs();
  if (event.lost) {
    captions.inject(caption);
    return [done];
  }
  const applied = captions.apply(caption, event.arrivedMs);
  if (applied === 'repeated') return [done];
  if (applied === 'stale') {
    const message = `caption ${caption.segment_id} revision ${caption.revision} is not newer than the one before it`;
    return [{ ...done, output: problem('warning', 'caption_order', message, caption.segment_id) }];
  }
  if (settings.mode === 'live') {
    const text = textAt(context, media.nextHopMs);
    if (text !== '') texts.get(text).catch(() => undefined);
  }
  return [...revisions(context, caption.end_ms), done];
}

/**
 * The windows that ended after words which are only known now: results for them are out, with another text.
 *
 * A window that ended in the middle of the words is left alone; they were not all said by then.
 */
function revisions(context: SessionContext, spokenMs: number): WindowEvent[] {
  const { clock, history, media, settings } = context;
  const sinceMs = Math.max(spokenMs, media.nowMs() - settings.latenessMs);
  return history.windows.flatMap((past): WindowEvent[] => {
    const revised = past.snapshot.ptsMs < sinceMs ? null : withNewText(context, past.snapshot, clock.now());
    if (!revised) return [];
    past.snapshot = revised;
    context.pendingWindows++;
    return [{ kind: 'window', snapshot: revised, revises: true }];
  });
}

function cutWindow(context: SessionContext, ptsMs: number, firedMs: number): WindowEvent {
  const { captions, frames, settings, streams } = context;
  const snapshot = snapshotAt(context, ptsMs, firedMs);
  const beforeMs = ptsMs - settings.windowMs;
  frames.prune(beforeMs - settings.holdMs);
  captions.prune(beforeMs - settings.latenessMs);
  for (const stream of streams.values()) stream.prune(beforeMs - settings.latenessMs);
  context.history.prune(ptsMs - settings.latenessMs);
  context.history.add(snapshot);
  context.pendingWindows++;
  return { kind: 'window', snapshot, revises: false };
}
