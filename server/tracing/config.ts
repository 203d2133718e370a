import { EXIT, UndertoneError } from '../../models/errors.ts';

/** OpenTelemetry's own variables, read by its packages; these decide here whether they are loaded at all. */
export const TRACING_VARIABLES = [
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'Base address of an OTLP receiver over HTTP; when set, spans go to its /v1/traces'],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'Full address for spans, instead of the base address'],
  ['OTEL_SDK_DISABLED', 'true: no spans whatever the addresses are'],
] as const;

/**
 * Whether spans are wanted.
 * @throws UndertoneError `bad_setting` (exit code 2) for an endpoint that is not an http address
 */
export function wantsTracing(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return false;
  const given = [TRACING_VARIABLES[0][0], TRACING_VARIABLES[1][0]].filter((name) => (env[name] ?? '') !== '');
  for (const name of given) {
    const value = env[name] ?? '';
    if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) continue;
    throw new UndertoneError('bad_setting', `${name}: is no http address`, { exitCode: EXIT.usage });
  }
  return given.length > 0;
}
