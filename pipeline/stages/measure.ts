import { Observable } from 'rxjs';
import { mixIn } from '../operators/mix-in.ts';
import type { SessionContext } from '../context.ts';
import type { Clock, PipelineOutput } from '../frames.ts';
import type { OperatorFunction } from 'rxjs';

const EVERY_MS = 1000;

/** Adds a `metrics` message every second of wall time, live only. */
export function measure(context: SessionContext): OperatorFunction<PipelineOutput, PipelineOutput> {
  const { clock, counters, measures, media, settings } = context;
  if (settings.mode === 'replay') return (source) => source;
  const messages = new Observable<PipelineOutput>((subscriber) =>
    every(clock, EVERY_MS, () => subscriber.next(measures.message(counters.totals(media.nowMs())))),
  );
  return mixIn(messages);
}

function every(clock: Clock, ms: number, callback: () => void): () => void {
  let cancel = clock.schedule(ms, function again() {
    cancel = clock.schedule(ms, again);
    callback();
  });
  return () => cancel();
}
