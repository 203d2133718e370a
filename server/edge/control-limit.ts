import { TokenBucket } from '../../pipeline/token-bucket.ts';
import type { ServerConfig } from '../config.ts';

/**
 * Counts what a client sends beside messages and frames, which its session counts: pings, answers to pings, joins of a
 * namespace. Bound: `maxMessagesPerS`, twice as many at once; what is above it cuts the connection.
 *
 * @param cut ends the connection without waiting for its client
 * @returns to be called for each
 */
export function controlLimit({ maxMessagesPerS }: ServerConfig, cut: () => void): () => void {
  const left = new TokenBucket(2 * maxMessagesPerS, maxMessagesPerS, () => performance.now());
  return () => {
    if (!left.take()) cut();
  };
}
