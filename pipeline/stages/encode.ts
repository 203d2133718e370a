import { Observable, Subject } from 'rxjs';
import { hasCode } from '../../models/errors.ts';
import type { ImageInput } from '../../models/model.ts';
import { type TakeNewer, conflate } from '../operators/conflate.ts';
import { orderedMap } from '../operators/ordered-map.ts';
import { isInputError, problemOf } from '../problems.ts';
import type { SessionContext } from '../context.ts';
import type { Aligned, Encoded, FlushEvent, OutputEvent, PlacedFrame } from '../events.ts';
import type { FrameEntry } from '../memory/frame-memory.ts';
import type { Cause } from '../protocol/index.ts';
import type { OperatorFunction } from 'rxjs';

/**
 * Turns frames into embeddings in the session's memory; everything else passes.
 *
 * Live, frames have a lane of their own with one place (newest wins), and what is not a frame overtakes them. A frame that
 * waits for the encoder gives its turn to the one that came after it, so what is encoded under load is fresh. A finalize ends
 * after the frames before it, and gives what is still due then; hops that come due meanwhile do not wait for it. Finalizes
 * that come while others wait are given together after them, so that none waits for more than four frames. In replay the
 * order stays: what comes after a frame comes out after it was encoded.
 */
export function encode(context: SessionContext): OperatorFunction<Aligned, Encoded> {
  const { settings } = context;
  if (settings.mode === 'replay')
    // Nothing is flushed where everything waits for the frames before it.
    return orderedMap(
      (event) => (isFrame(event) ? encodeFrame(context, event) : (event as Encoded)),
      settings.concurrency,
    );

  let running: Promise<OutputEvent> | undefined;
  let flushing = Promise.resolve();
  /** Finalizes that came since the last flush began: the next one gives all of them. */
  let waiting: FlushEvent[] = [];
  const start = (event: PlacedFrame, newer: TakeNewer<PlacedFrame>): Promise<OutputEvent> => {
    running = encodeFrame(context, event, newer);
    return running;
  };
  /** Ends when the frame that is encoded now and the one that waits are done. */
  const quiet = async (): Promise<void> => {
    await running;
    await running;
  };
  return (source) =>
    new Observable<Encoded>((subscriber) => {
      const images = new Subject<PlacedFrame>();
      let lanes = 2;
      const pass = (event: Encoded): void => subscriber.next(event.kind === 'output' ? settleNow(event) : event);
      const error = (cause: unknown): void => subscriber.error(cause);
      const complete = (): void => {
        if (--lanes === 0) subscriber.complete();
      };
      subscriber.add(
        images.pipe(conflate(start, (event) => supersede(context, event))).subscribe({ next: pass, error, complete }),
      );
      const flush = async (): Promise<void> => {
        const flushes = waiting;
        waiting = [];
        try {
          await quiet();
          for (const { due } of flushes) for (const event of due()) pass(event);
        } catch (cause) {
          error(cause);
        }
      };
      subscriber.add(
        source.subscribe({
          next: (event) => {
            if (isFrame(event)) images.next(event);
            else if (event.kind !== 'flush') pass(event);
            else if (waiting.push(event) === 1) flushing = flushing.then(flush);
          },
          error,
          complete: () => {
            images.complete();
            void flushing.then(complete);
          },
        }),
      );
    });
}

/** A live frame settles when it is encoded or dropped, not when the predictions before it are out. */
function settleNow(event: OutputEvent): OutputEvent {
  event.settled?.();
  return { kind: 'output', output: event.output };
}

function isFrame(event: Aligned): event is PlacedFrame {
  return event.kind === 'placed';
}

function supersede(context: SessionContext, event: PlacedFrame): void {
  event.entry.cause = 'load_shed';
  context.frames.done(context.media.nowMs(), context.settings.holdMs);
  context.counters.frameDropped('superseded');
  event.settled();
}

async function encodeFrame(
  context: SessionContext,
  first: PlacedFrame,
  takeNewer?: TakeNewer<PlacedFrame>,
): Promise<OutputEvent> {
  const { clock, counters, frames, measures, media, model, settings, troubles } = context;
  let event = first;
  let waitedMs: number | undefined;
  const calledMs = clock.now();
  const newer = (): ImageInput | undefined => {
    const next = takeNewer?.();
    if (!next) return undefined;
    event = next;
    waitedMs = clock.now() - next.entry.arrivedMs;
    return next.frame.image;
  };
  try {
    const { embedding, timing: called } = await model.encode(settings.frameModality ?? '', first.frame.image, {
      newer,
    });
    context.encodeTookMs = clock.now() - calledMs;
    const { entry, settled } = event;
    const timing = waitedMs === undefined ? called : { ...called, queueMs: waitedMs };
    entry.embedding = embedding;
    entry.timing = timing;
    frames.done(media.nowMs(), settings.holdMs);
    counters.frameEncoded();
    measures.latency('encode', timing.queueMs + timing.computeMs);
    troubles.succeeded('encode');
    context.frameSettled.next(entry.ptsMs);
    return { kind: 'output', output: null, settled };
  } catch (error) {
    context.encodeTookMs = clock.now() - calledMs;
    const { entry, frame, settled } = event;
    if (hasCode(error, 'no_face')) {
      lose(context, entry, 'no_face');
      counters.frameDropped('no_face');
      return { kind: 'output', output: null, settled };
    }
    if (isInputError(error)) {
      lose(context, entry, 'decode_error');
      counters.frameDropped('decode_error');
      counters.errors++;
      return { kind: 'output', output: problemOf('error', error, frame.seq), settled };
    }
    lose(context, entry, 'load_shed');
    counters.frameDropped('load_shed');
    return { kind: 'output', output: troubles.failed('encode', error, frame.seq), settled };
  }
}

/** In replay the frames near a lost one stay decimated, so that results do not depend on how fast it was lost. */
function lose({ frames, frameSettled, media, settings }: SessionContext, entry: FrameEntry, cause: Cause): void {
  entry.cause = cause;
  frames.done(media.nowMs(), settings.holdMs);
  if (settings.mode === 'live') frames.reopen(entry);
  frameSettled.next(entry.ptsMs);
}
