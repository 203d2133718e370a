import { freemem, totalmem } from 'node:os';

/**
 * Bytes that this process and those that it starts may still take: what the machine has free, or a container's limit less
 * what this process holds, since what else the container holds is caches of files for the most part. macOS counts as free
 * only what nothing has ever used, so there it is all that the machine has.
 */
export function availableMemory(): number {
  const free = process.platform === 'darwin' ? totalmem() : freemem();
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(free, limit - process.memoryUsage.rss()) : free;
}
