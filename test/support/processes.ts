import { readFileSync } from 'node:fs';

/** True until a process has ended and its parent has collected it. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** True while a process runs; one that ended but was not collected by its parent yet does not. */
export function isAlive(pid: number): boolean {
  if (!isThere(pid)) return false;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return process.platform !== 'linux';
  }
}

/** Resolves once a condition holds; polls, and rejects after a time that only a failure takes. */
export async function until(condition: () => boolean, what: string, limitMs = 60_000): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 10) {
    if (waitedMs > limitMs) throw new Error(`${what} did not come`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
