import { once } from 'node:events';
import { createServer } from 'node:net';
import { findBundle } from '../models/bundle/find-bundle.ts';
import { readRuntimeConfig } from '../models/runtime/config.ts';
import { loadModel } from '../models/runtime/load-model.ts';
import { isSameSignal, type Signalled } from '../models/same-signal.ts';
import { loadConfig } from './config.ts';
import { listen } from './listen.ts';
import { createLogger } from './log.ts';
import { OverloadMonitor } from './overload.ts';
import { startServer } from './start-server.ts';
import { openTracing } from './tracing/open-tracing.ts';
import type { RuntimeConfig } from '../models/runtime/config.ts';
import type { LoadedModel, LoadModelOptions } from '../models/runtime/load-model.ts';
import type { RuntimeEvent, WorkerEvent } from '../models/runtime/runtime-events.ts';
import type { ServerConfig, ServerConfigInput } from './config.ts';
import type { Logger } from './log.ts';
import type { RunningServer } from './start-server.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface ServeOptions extends ServerConfigInput {
  /** `name`, `name@version` or a folder; the bundle that comes with Undertone when absent. */
  readonly bundle?: string | undefined;
  /** A second bundle, to compare with: sees every session, answers nobody. */
  readonly shadow?: string | undefined;
  /** Settings of the inference processes. */
  readonly runtime?: Partial<RuntimeConfig> & Pick<LoadModelOptions, 'program' | 'choose' | 'memory'>;
  /** Called when the server takes connections. */
  readonly onListening?: (server: RunningServer) => void;
}

/**
 * `undertone serve`: loads the bundle, serves it, and resolves when it has drained and stopped, which SIGTERM, SIGINT,
 * SIGHUP (its terminal is gone) or `signal` ask for; while it loads it stops at once. A second signal ends the process at
 * once.
 * @throws UndertoneError of `loadModel` and `startServer`.
 */
export async function serve(options: ServeOptions = {}, signal?: AbortSignal): Promise<void> {
  const { bundle, shadow: compared, runtime = {}, onListening, ...settings } = options;
  const config = loadConfig(settings);
  const log = createLogger(config.logLevel);
  // A full disk or a terminal that is gone is no reason to end; the log does without, too.
  process.stdout.on('error', ignore);
  const bundleDir = findBundle(bundle ?? runtime.bundle ?? readRuntimeConfig().bundle);
  const shadowDir = compared === undefined ? undefined : findBundle(compared);
  const monitor = new OverloadMonitor(config.overloadQueueMs, () => performance.now());
  let model: LoadedModel | undefined;
  let shadow: LoadedModel | undefined;
  // A process that hangs, which may be why somebody loses patience, does not end by itself when this one has.
  const stop = stopSignal(log, signal, () => {
    void model?.close();
    void shadow?.close();
  });
  let server: RunningServer | undefined;
  const whileLoading: WorkerEvent[] = [];
  let onCpu = false;
  let tracing: Tracing | undefined;
  try {
    await checkPort(config);
    tracing = await openTracing(log);
    const loaded = await loadModel({
      ...runtime,
      bundle: bundleDir,
      signal: stop.signal,
      onBatch(event) {
        monitor.batch(event);
        server?.metrics.batch(event);
        tracing?.batch(event);
      },
      onEvent(event) {
        logRuntimeEvent(log, event);
        if (event.type === 'notice') return;
        if (server === undefined) whileLoading.push(event);
        else server.metrics.workerEvent(event);
        // One process of many that leaves a GPU is the operator's to know.
        if (event.type !== 'provider_fallback' || onCpu || model?.info.device.provider !== 'cpu') return;
        onCpu = true;
        server?.warn('device_fallback', `${event.from} failed; inference goes on with the processor`);
      },
    });
    model = loaded;
    try {
      // One process: it may not take from the sessions more than a core.
      if (shadowDir !== undefined) {
        const shadowLog = log.child({ shadow: true });
        shadow = await loadModel({
          ...runtime,
          bundle: shadowDir,
          workers: 1,
          signal: stop.signal,
          onEvent: (event) => logRuntimeEvent(shadowLog, event),
        });
      }
      server = await startServer({
        ...config,
        model: loaded,
        shadow,
        logger: log,
        tracing,
        bundleDir,
        overloaded: () => monitor.overloaded(),
        runtimeStats: () => loaded.stats(),
        shadowStats: () => shadow?.stats(),
      });
      for (const event of whileLoading.splice(0)) server.metrics.workerEvent(event);
      onListening?.(server);
      if (!stop.signal.aborted) await once(stop.signal, 'abort');
      await server.close();
    } finally {
      await shadow?.close();
      await loaded.close();
    }
  } catch (error) {
    if (!stop.signal.aborted || error !== stop.signal.reason) throw error;
    log.info({}, 'stopped');
  } finally {
    await tracing?.close();
    stop.dispose();
    process.stdout.off('error', ignore);
  }
}

/** Says that the port is taken before the model is loaded, which takes seconds. */
async function checkPort(config: ServerConfig): Promise<void> {
  const probe = createServer();
  await listen(probe, config);
  await new Promise((resolve) => void probe.close(resolve));
}

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * A signal that aborts at the first of {@link STOP_SIGNALS} or abort of `outer`; the second of the process ends it, but for
 * SIGHUP, which comes from the terminal and from the shell, and for the first one over again.
 *
 * @param beforeExit what must happen before that end, at once
 */
function stopSignal(
  log: Logger,
  outer: AbortSignal | undefined,
  beforeExit: () => void,
): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  let first: Signalled | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (first !== undefined) {
      if (isSameSignal(name, first) || name === 'SIGHUP') return;
      log.warn({ signal: name }, 'second signal, ending at once');
      beforeExit();
      process.exit(1);
    }
    first = { name, atMs: performance.now() };
    log.info({ signal: name }, 'asked to stop');
    controller.abort();
  };
  const onAbort = (): void => controller.abort();
  for (const name of STOP_SIGNALS) process.on(name, onSignal);
  if (outer?.aborted) controller.abort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    dispose() {
      for (const name of STOP_SIGNALS) process.off(name, onSignal);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

function ignore(): void {
  // Nobody could be told.
}

function logRuntimeEvent(log: Logger, event: RuntimeEvent): void {
  switch (event.type) {
    case 'worker_started':
      log.info({ worker: event.pid, loadMs: event.loadMs }, 'worker started');
      break;
    case 'worker_ended':
      log.warn({ worker: event.pid, code: event.code, reason: event.message }, 'worker ended');
      break;
    case 'notice':
      log.warn({ code: event.code, reason: event.message }, 'the model runs with a restriction');
      break;
    case 'provider_fallback':
      log.warn({ from: event.from, reason: event.message }, 'inference falls back to the processor');
      break;
  }
}
