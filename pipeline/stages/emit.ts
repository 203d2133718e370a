import { concatMap } from 'rxjs';
import { Changes } from '../result/changes.ts';
import { provenanceOf } from '../result/provenance.ts';
import { resultBody } from '../result/body.ts';
import type { SessionContext } from '../context.ts';
import type { OutputEvent, Predicted, PredictedEvent } from '../events.ts';
import type { PipelineOutput } from '../frames.ts';
import type { OperatorFunction } from 'rxjs';

/** The message of an event; its input settles once the message is out, which is when this stack unwinds. */
function outputsOf(event: OutputEvent): PipelineOutput[] {
  event.settled?.();
  return event.output ? [event.output] : [];
}

/** Numbers the results, smooths their scores, adds what changed, and settles the inputs whose turn has come. */
export function emit(context: SessionContext): OperatorFunction<Predicted, PipelineOutput> {
  return (source) => {
    const changes = new Changes();
    let seq = 0;
    let smoothed: number | null = null;

    const smooth = (score: number | null): number | null => {
      const { smoothing } = context.settings;
      smoothed = score === null || smoothed === null ? score : smoothing * smoothed + (1 - smoothing) * score;
      return smoothed;
    };
    const result = (event: PredictedEvent): PipelineOutput[] => {
      const { counters, measures } = context;
      const modalities = provenanceOf(event.snapshot, () => null);
      const body = resultBody(context, event, modalities);
      const score = smooth(body.score);
      counters.results++;
      measures.latency('predict', body.latency_ms.predict);
      measures.latency('total', body.latency_ms.total);
      return [
        ...(event.warning ? [event.warning] : []),
        ...changes.next(event, modalities, score),
        { type: 'sentiment.result', seq: seq++, ...body, score },
      ];
    };
    return source.pipe(concatMap((event) => (event.kind === 'predicted' ? result(event) : outputsOf(event))));
  };
}
