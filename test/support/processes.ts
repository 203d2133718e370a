import { readFileSync } from 'node:fs';

/** True while a process runs; one that ended but was not collected by its parent yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return process.platform !== 'linux';
  }
}

/** Resolves once a condition holds; polls, and rejects only when the test's own time limit is near. */
export async function until(condition: () => boolean, what: string, limitMs = 15_000): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 10) {
    if (waitedMs > limitMs) throw new Error(`${what} did not come`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
