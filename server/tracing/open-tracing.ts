import type { Logger } from '../log.ts';
import { wantsTracing } from './config.ts';
import type { Tracing } from './tracing.ts';

/**
 * Spans to an OTLP receiver where `OTEL_EXPORTER_OTLP_ENDPOINT` names one; undefined elsewhere, and then none of
 * OpenTelemetry is loaded.
 *
 * @throws UndertoneError `bad_setting` for an endpoint that is not an http address
 */
export async function openTracing(
  log: Logger,
  env?: Readonly<Record<string, string | undefined>>,
): Promise<Tracing | undefined> {
  if (!wantsTracing(env)) return undefined;
  const { startTracing } = await import('./start-tracing.ts');
  return startTracing(log);
}
