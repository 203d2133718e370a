import type { ModelInfo } from '../../models/model.ts';
import type { ServerConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { ServerMetrics } from '../metrics.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { SessionConnection } from './connection.ts';
import type { SessionRegistry } from './registry.ts';

/** What the connections of a server share. */
export interface ConnectionDeps {
  readonly registry: SessionRegistry;
  /** Every open connection. */
  readonly connections: Set<SessionConnection>;
  readonly config: ServerConfig;
  readonly info: ModelInfo;
  readonly metrics: ServerMetrics;
  readonly tracing?: Tracing | undefined;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** True while new sessions are to be refused with 1013. */
  readonly overloaded: () => boolean;
}
