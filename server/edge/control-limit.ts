import { TokenBucket } from '../../pipeline/token-bucket.ts';
import type { ServerConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { SessionTransport } from '../sessions/transport.ts';

/**
 * Counts what a client sends beside messages and frames, which its session counts: pings, answers to pings, joins of a
 * namespace. Bound: `maxMessagesPerS`, twice as many at once; what is above it cuts the connection, and the log says so.
 *
 * @param cut ends the connection without waiting for its client; called once
 * @returns to be called for each
 */
export function controlLimit(
  { maxMessagesPerS }: ServerConfig,
  log: Logger,
  transport: SessionTransport['kind'],
  cut: () => void,
): () => void {
  const left = new TokenBucket(2 * maxMessagesPerS, maxMessagesPerS, () => performance.now());
  let isCut = false;
  return () => {
    if (isCut || left.take()) return;
    isCut = true;
    log.warn({ transport }, 'client sends too many pings or joins, connection cut');
    cut();
  };
}
