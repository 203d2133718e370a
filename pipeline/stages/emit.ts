import { mapEach } from '../operators/map-each.ts';
import { Changes } from '../result/changes.ts';
import { provenanceOf } from '../result/provenance.ts';
import { resultBody } from '../result/body.ts';
import { told } from '../result/told.ts';
import type { SessionContext } from '../context.ts';
import type { OutputEvent, Predicted, PredictedEvent } from '../events.ts';
import type { PipelineOutput } from '../frames.ts';
import type { OperatorFunction } from 'rxjs';

/** The message of an event; its input settles once the message is out, which is when this stack unwinds. */
function outputsOf(event: OutputEvent): PipelineOutput[] {
  event.settled?.();
  return event.output ? [event.output] : [];
}

/** Numbers the results, smooths their scores, adds what changed, revises what is out, and settles the inputs whose turn has come. */
export function emit(context: SessionContext): OperatorFunction<Predicted, PipelineOutput> {
  const { counters, fidelity, measures } = context;
  const { smoothing } = context.settings;
  return (source) => {
    const changes = new Changes();
    let seq = 0;
    let smoothed: number | null = null;

    const result = (event: PredictedEvent): PipelineOutput[] => {
      if (event.agreement) fidelity.add(event.agreement);
      const modalities = provenanceOf(event.snapshot, (name) => fidelity.of(name));
      const body = resultBody(context, event, modalities);
      const { record } = event;
      const warnings = event.warning ? [event.warning] : [];
      if (event.revises) {
        if (record.seq === null) return warnings;
        const supersedes = record.seq;
        record.seq = seq++;
        counters.revisions++;
        const score = smooth(smoothing, record.smoothedBefore, body.score);
        return [...warnings, { type: 'sentiment.revised', seq: record.seq, supersedes, ...body, score: told(score) }];
      }
      const score = smooth(smoothing, smoothed, body.score);
      record.seq = seq;
      record.smoothedBefore = smoothed;
      smoothed = score;
      counters.results++;
      measures.latency('predict', body.latency_ms.predict);
      measures.latency('total', body.latency_ms.total);
      return [
        ...warnings,
        ...changes.next(event, modalities, score),
        { type: 'sentiment.result', seq: seq++, ...body, score: told(score) },
      ];
    };
    return source.pipe(mapEach((event) => (event.kind === 'predicted' ? result(event) : outputsOf(event))));
  };
}

/** Exponential smoothing; a score without one before it starts anew. */
function smooth(weight: number, before: number | null, score: number | null): number | null {
  return score === null || before === null ? score : weight * before + (1 - weight) * score;
}
