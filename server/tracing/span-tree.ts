import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Tracer } from '@opentelemetry/api';

/** One stage inside a span; milliseconds since the epoch. */
export interface StageSpan {
  readonly name: 'queue' | 'decode' | 'encode' | 'heads' | 'send';
  readonly startMs: number;
  readonly endMs: number;
}

export interface SpanTree {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly failed?: boolean;
  readonly stages: readonly StageSpan[];
}

/** Records a finished span and the stages in it as a trace of its own. */
export function recordSpans(tracer: Tracer, tree: SpanTree): void {
  const root = tracer.startSpan(tree.name, { startTime: tree.startMs, attributes: tree.attributes }, ROOT_CONTEXT);
  const inside = trace.setSpan(ROOT_CONTEXT, root);
  for (const { name, startMs, endMs } of tree.stages)
    tracer.startSpan(name, { startTime: startMs }, inside).end(Math.max(startMs, endMs));
  if (tree.failed === true) root.setStatus({ code: SpanStatusCode.ERROR });
  root.end(tree.endMs);
}
