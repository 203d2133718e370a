import { createServer } from 'node:http';
import { CLOSE } from '../pipeline/protocol/index.ts';
import { isCalibrated } from '../pipeline/result/calibration.ts';
import { loadConfig } from './config.ts';
import { connectionsThatFit } from './connections-that-fit.ts';
import { Admission } from './edge/admission.ts';
import { createSocketIoEdge } from './edge/socket-io-edge.ts';
import { routeUpgrades } from './edge/upgrade-router.ts';
import { createWsEdge } from './edge/ws-edge.ts';
import { createApp } from './http/app.ts';
import { listen } from './listen.ts';
import { addressForLog, createLogger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { isStalled } from './overload.ts';
import { defaultWebDir } from './paths.ts';
import { SessionRegistry } from './sessions/registry.ts';
import { urlHost } from './url-host.ts';
import type { AddressInfo } from 'node:net';
import type { SentimentModel } from '../models/model.ts';
import type { RuntimeStats } from '../models/runtime/runtime-events.ts';
import type { ErrorCode } from '../pipeline/protocol/index.ts';
import type { ServerConfig, ServerConfigInput } from './config.ts';
import type { SessionConnection } from './sessions/connection.ts';
import type { OnRefused } from './edge/admission.ts';
import type { AppDeps } from './http/app.ts';
import type { Logger } from './log.ts';
import type { ServerMetrics } from './metrics.ts';
import type { Tracing } from './tracing/tracing.ts';

export interface ServerOptions extends ServerConfigInput {
  readonly model: SentimentModel;
  /** A second bundle that sees every session; how it agrees is in `metrics`. The caller closes it. */
  readonly shadow?: SentimentModel | undefined;
  /** Folder of the model's bundle, for its manifest and card. */
  readonly bundleDir?: string;
  readonly logger?: Logger;
  /** True while new sessions are to be refused for the queues' sake; never, when absent. */
  readonly overloaded?: () => boolean;
  /** Where spans of results go; the caller closes it. */
  readonly tracing?: Tracing | undefined;
  /** What the model's inference processes do, for metrics; without one that can run, new sessions are refused. */
  readonly runtimeStats?: () => RuntimeStats | undefined;
  /** The same of the second bundle's; while none can run, the second counts as failed. */
  readonly shadowStats?: () => RuntimeStats | undefined;
}

export interface RunningServer {
  /** Address to open, with the port that was taken. */
  readonly url: string;
  readonly port: number;
  readonly config: ServerConfig;
  readonly metrics: ServerMetrics;
  /** What is open right now. */
  counts(): { sessions: number; connections: number; observers: number };
  /** Tells every session. */
  warn(code: ErrorCode, message: string): void;
  /**
   * Drains: new sessions are refused, open ones are finalized and closed with 1001, at most for `drainMs`; those that
   * have not finished then are closed as they are, and what is still connected is cut. The model stays open. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * Serves a model: the page, HTTP, ws and socket.io on one port. Settings that `options` does not give come from the
 * environment, then from the defaults.
 * @throws UndertoneError `bad_setting`; `address_in_use`, `listen_failed` when the port cannot be had.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const {
    model,
    shadow,
    bundleDir,
    logger,
    overloaded: queued = () => false,
    runtimeStats = () => undefined,
    shadowStats = () => undefined,
    tracing,
    ...settings
  } = options;
  const config = loadConfig(settings);
  const log = logger ?? createLogger(config.logLevel);
  const overloaded = (): boolean => queued() || isStalled(runtimeStats());
  const shadowStalled = (): boolean => isStalled(shadowStats());
  const http = createServer({
    headersTimeout: headersTimeoutMs(config),
    requestTimeout: config.requestTimeoutMs,
    connectionsCheckingInterval: 1000,
  });
  const fitting = connectionsThatFit();
  http.maxConnections = Math.min(config.maxConnections, fitting);
  if (fitting < config.maxConnections)
    log.warn(
      { connections: fitting, maxConnections: config.maxConnections },
      'few files may be open, so fewer connections',
    );
  http.on('drop', () => metrics.connectionRefused('connection_limit'));

  const admission = new Admission(config);
  const metrics = createMetrics({
    sessions: () => registry.counts(),
    connections: () => admission.total,
    observers: () => socketIo.observers.total,
    runtime: runtimeStats,
    shadowStalled,
  });
  const appDeps: AppDeps = {
    // Asked for every time: the device changes when a GPU is given up.
    get info() {
      return model.info;
    },
    bundleDir,
    webDir: config.webDir ?? defaultWebDir,
    metrics,
    log,
    draining: () => registry.draining,
    overloaded,
    sessions: () => registry.counts(),
  };
  http.on('request', createApp(appDeps));

  const onRefused: OnRefused = (reason, request) => {
    metrics.connectionRefused(reason);
    log.info({ reason, network: addressForLog(admission.address(request)) }, 'connection refused');
  };
  const socketIo = createSocketIoEdge(http, config, admission, onRefused, log);
  const registry = new SessionRegistry({
    model,
    shadow,
    shadowStalled,
    config,
    metrics,
    log,
    audience: socketIo.observers,
    now,
  });
  const connections = new Set<SessionConnection>();
  const deps = { registry, connections, config, info: model.info, metrics, tracing, log, now, overloaded };
  const ws = createWsEdge(deps, admission);
  socketIo.serve(deps);
  const upgrades = routeUpgrades(http, ws, admission, onRefused);

  await listen(http, config);
  const { port } = http.address() as AddressInfo;
  const url = `http://${reachable(config.host)}:${port}`;
  log.info(
    {
      url,
      bundle: named(model),
      ...(isCalibrated(model.info.calibration) ? {} : { calibrated: false }),
      ...(shadow === undefined ? {} : { shadow: named(shadow) }),
      device: model.info.device,
    },
    'serving',
  );

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    log.info({ sessions: registry.size }, 'draining');
    const drained = registry.drain();
    for (const connection of connections) connection.drain();
    await atMost(drained, config.drainMs);
    registry.abandon();
    // Sessions that did not finish: their clients hear why as well.
    for (const connection of connections) connection.close(CLOSE.draining, 'draining');
    await atMost(admission.whenEmpty(), config.closeGraceMs);
    ws.close();
    socketIo.close();
    upgrades.close();
    const closed = new Promise<void>((resolve) => void http.close(() => resolve()));
    http.closeAllConnections();
    await closed;
    log.info({}, 'stopped');
  };
  return {
    url,
    port,
    config,
    metrics,
    counts: () => ({
      sessions: registry.size,
      connections: admission.total,
      observers: socketIo.observers.total,
    }),
    warn: (code, message) => registry.warn(code, message),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function now(): number {
  return performance.now();
}

/** Node refuses to start where the headers alone may take longer than the request that they are part of. */
function headersTimeoutMs({ headersTimeoutMs: headers, requestTimeoutMs: request }: ServerConfig): number {
  return request === 0 ? headers : Math.min(headers, request);
}

/** Waits for a promise, but not longer than `ms`. */
async function atMost(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

/** Where a listener can be reached from this machine. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : urlHost(host);
}

function named({ info: { name, version } }: SentimentModel): string {
  return `${name}@${version}`;
}
