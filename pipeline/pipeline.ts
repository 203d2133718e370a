import { align } from './stages/align.ts';
import { cut } from './stages/cut.ts';
import { emit } from './stages/emit.ts';
import { encode } from './stages/encode.ts';
import { ingest } from './stages/ingest.ts';
import { inject } from './stages/inject.ts';
import { measure } from './stages/measure.ts';
import { predict } from './stages/predict.ts';
import type { SessionContext } from './context.ts';
import type { Arrival } from './events.ts';
import type { PipelineOutput } from './frames.ts';
import type { Observable } from 'rxjs';

/** The data flow of one session: what arrives is ingested, taken away where asked, aligned, encoded, cut into windows, predicted, emitted and measured. */
export function pipeline(arrivals: Observable<Arrival>, context: SessionContext): Observable<PipelineOutput> {
  return arrivals.pipe(
    ingest(context),
    inject(context),
    align(context),
    encode(context),
    cut(context),
    predict(context),
    emit(context),
    measure(context),
  );
}
