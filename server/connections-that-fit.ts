import { readdirSync, readFileSync } from 'node:fs';

/** Files that stay free for what is read, and for inference processes that start anew: three each. */
const SPARE_FILES = 32;

/**
 * How many connections have room beside the files that this process has open, as far as Linux tells; at least one. Where no
 * file is free any more, connections would wait without an answer, the health check's as well.
 */
export function connectionsThatFit(): number {
  try {
    const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
    return Math.max(1, limit - readdirSync('/proc/self/fd').length - SPARE_FILES);
  } catch {
    return Infinity;
  }
}
