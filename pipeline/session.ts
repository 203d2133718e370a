import { Subject, ignoreElements, lastValueFrom } from 'rxjs';
import { createContext } from './context.ts';
import { pipeline } from './pipeline.ts';
import { problemOf } from './problems.ts';
import type { SentimentModel } from '../models/model.ts';
import type { Arrival } from './events.ts';
import type { PipelineInput, PipelineOutput, SentimentSession, SessionOptions } from './frames.ts';
import type { SessionTotals } from './protocol/index.ts';

/**
 * Opens one stream of predictions over a shared model.
 *
 * Holds at most one window of embeddings and a few seconds of captions; one timer for the next prediction and one for
 * metrics, both gone after `close`. The model stays open.
 */
export function openSession(model: SentimentModel, options: SessionOptions): SentimentSession {
  const context = createContext(model, options);
  const { clock, counters, media } = context;
  const arrivals = new Subject<Arrival>();
  const outputs = new Subject<PipelineOutput>();
  const unsettled = new Set<() => void>();
  let closing: Promise<SessionTotals> | undefined;
  let ended = false;
  const whenEnded = lastValueFrom(outputs.pipe(ignoreElements()), { defaultValue: undefined });

  /** Sends one arrival on its way; resolves when it settles, or when the pipeline ends without it. */
  const send = (make: (settled: () => void) => Arrival): Promise<void> =>
    new Promise((resolve) => {
      const settled = (): void => {
        unsettled.delete(settled);
        resolve();
      };
      if (ended) return settled();
      unsettled.add(settled);
      arrivals.next(make(settled));
    });
  const end = (): void => {
    ended = true;
    for (const settled of unsettled) settled();
    outputs.complete();
  };

  pipeline(arrivals, context).subscribe({
    next: (output) => outputs.next(output),
    error: (error: unknown) => {
      counters.errors++;
      outputs.next({ ...problemOf('error', error), fatal: true });
      end();
    },
    complete: end,
  });

  return {
    outputs: outputs.asObservable(),
    push(input: PipelineInput) {
      if (closing || ended) {
        if (input.kind === 'frame') {
          counters.frameReceived();
          counters.frameDropped('closed');
        }
        return Promise.resolve();
      }
      return send((settled) => arrivalOf(input, clock.now(), settled));
    },
    finalize(mediaMs) {
      if (closing) return whenEnded;
      return send((settled) => ({ kind: 'finalize', mediaMs, goesOn: false, settled }));
    },
    advance(mediaMs) {
      if (closing) return whenEnded;
      return send((settled) => ({ kind: 'finalize', mediaMs, goesOn: true, settled }));
    },
    totals: () => counters.totals(media.nowMs()),
    close() {
      closing ??= (async () => {
        void send((settled) => ({ kind: 'finalize', mediaMs: undefined, goesOn: false, settled }));
        arrivals.complete();
        await whenEnded;
        return counters.totals(media.nowMs());
      })();
      return closing;
    },
  };
}

function arrivalOf(input: PipelineInput, arrivedMs: number, settled: () => void): Arrival {
  switch (input.kind) {
    case 'frame':
      return { kind: 'frame', frame: input, arrivedMs, frozen: false, lost: null, settled };
    case 'caption':
      return { ...input, arrivedMs, frozen: false, lost: false, settled };
    case 'keepalive':
      return { ...input, settled };
    case 'modality':
    default:
      return { ...input, settled };
  }
}
