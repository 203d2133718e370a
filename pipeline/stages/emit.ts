import { mapEach } from '../operators/map-each.ts';
import { Changes } from '../result/changes.ts';
import { EncodedWords } from '../result/encoded-words.ts';
import { provenanceOf } from '../result/provenance.ts';
import { scoreOf, sentimentResult } from '../result/sentiment-result.ts';
import type { SessionContext } from '../context.ts';
import type { ModalitySnapshot, OutputEvent, Predicted, PredictedEvent, Smoothed } from '../events.ts';
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
    const words = new EncodedWords();
    const observedMsOf = (modality: ModalitySnapshot): number | null => words.observedMs(modality);
    let seq = 0;
    let smoothed: Smoothed | null = null;

    const result = (event: PredictedEvent): PipelineOutput[] => {
      if (event.agreement) fidelity.add(event.agreement);
      const modalities = provenanceOf(event.snapshot, (name) => fidelity.of(name), observedMsOf);
      const predicted = scoreOf(event.prediction);
      const { record } = event;
      const warnings = event.warning ? [event.warning] : [];
      if (event.revises) {
        if (record.seq === null) return warnings;
        const supersedes = record.seq;
        record.seq = seq++;
        counters.revisions++;
        const score = smooth(smoothing, record.before, predicted);
        if (record.smoothed) record.smoothed.score = score;
        const revised = sentimentResult(context, event, modalities, { seq: record.seq, score });
        return [...warnings, { ...revised, type: 'sentiment.revised', supersedes }];
      }
      const score = smooth(smoothing, smoothed, predicted);
      const newest = sentimentResult(context, event, modalities, { seq: seq++, score });
      record.seq = newest.seq;
      record.before = smoothed;
      record.smoothed = { score };
      smoothed = record.smoothed;
      counters.results++;
      measures.latency('predict', newest.latency_ms.predict);
      measures.latency('total', newest.latency_ms.total);
      return [...warnings, ...changes.next(event, modalities, score), newest];
    };
    return source.pipe(mapEach((event) => (event.kind === 'predicted' ? result(event) : outputsOf(event))));
  };
}

/** Exponential smoothing; a score without one before it starts anew. */
function smooth(weight: number, before: Smoothed | null, score: number | null): number | null {
  const past = before?.score ?? null;
  return score === null || past === null ? score : weight * past + (1 - weight) * score;
}
