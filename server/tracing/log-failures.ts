import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../log.ts';

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/** `ExportResultCode.SUCCESS`, of a package that is not ours to import. */
const SUCCESS: Result['code'] = 0;

/**
 * The exporter with its failures in the log: one line as they begin and one as they are over, however many exports fail
 * between. Its caller, who would write each of them with its stack, hears that every export succeeded.
 */
export function logFailures(exporter: SpanExporter, log: Logger): SpanExporter {
  let failing = false;
  const onResult = ({ code, error }: Result): void => {
    const failed = code !== SUCCESS;
    if (failed && !failing) log.warn({ reason: error?.message.slice(0, 300) }, 'spans are not exported');
    if (!failed && failing) log.info({}, 'spans are exported again');
    failing = failed;
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        onResult(result);
        done({ code: SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
