import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../log.ts';
import { logFailures } from './log-failures.ts';
import { recordSpans } from './span-tree.ts';
import type { StageSpan } from './span-tree.ts';
import type { Tracing } from './tracing.ts';

/** Longest time for one export, and so for the last one when the server stops. */
const EXPORT_MS = 3000;

/**
 * Starts the exporter; addresses, headers, names and sampling are OpenTelemetry's own variables.
 *
 * Bound: 2,048 spans wait for export, further ones are dropped; a receiver that is away costs spans and nothing else.
 */
export function startTracing(log: Logger): Tracing {
  const onError = (reason: string): void => log.warn({ reason: reason.slice(0, 300) }, 'trouble with tracing');
  const logger = { error: onError, warn: ignore, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true });
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'undertone' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(logFailures(new OTLPTraceExporter({ timeoutMillis: EXPORT_MS }), log))],
  });
  const tracer = provider.getTracer('undertone');
  let closing: Promise<void> | undefined;
  return {
    batch({ kind, lane, size, queueMs, computeMs, decodeMs, ok }) {
      const endMs = Date.now();
      const startedMs = endMs - computeMs;
      const decodedMs = startedMs + decodeMs;
      const decode: StageSpan[] = kind === 'image' ? [{ name: 'decode', startMs: startedMs, endMs: decodedMs }] : [];
      recordSpans(tracer, {
        name: 'batch',
        startMs: startedMs - queueMs,
        endMs,
        attributes: { 'undertone.lane': lane, 'undertone.batch_size': size },
        failed: !ok,
        stages: [
          { name: 'queue', startMs: startedMs - queueMs, endMs: startedMs },
          ...decode,
          { name: kind === 'heads' ? 'heads' : 'encode', startMs: decodedMs, endMs },
        ],
      });
    },
    sent(message, { queueMs: waitedMs, sendMs }, { session, transport }) {
      if (message.type !== 'sentiment.result') return;
      const { queue, encode, predict, total } = message.latency_ms;
      const endMs = Date.now();
      const madeMs = endMs - sendMs - waitedMs;
      // What was measured apart need not fit into the total: an encoding may be older than the newest input.
      const startMs = madeMs - Math.max(total, queue + encode + predict);
      recordSpans(tracer, {
        name: 'result',
        startMs,
        endMs,
        attributes: {
          ...(session === undefined ? {} : { 'undertone.session': session }),
          'undertone.transport': transport,
          'undertone.seq': message.seq,
          'undertone.state': message.state,
        },
        stages: [
          { name: 'queue', startMs, endMs: startMs + queue },
          { name: 'encode', startMs: startMs + queue, endMs: startMs + queue + encode },
          { name: 'heads', startMs: madeMs - predict, endMs: madeMs },
          { name: 'send', startMs: madeMs, endMs },
        ],
      });
    },
    close() {
      closing ??= provider
        .shutdown()
        .catch((error: unknown) => onError(String(error)))
        .then(() => diag.disable());
      return closing;
    },
  };
}

function ignore(): void {
  // Only errors are told.
}
