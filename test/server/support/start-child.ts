import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { ChildProcess } from 'node:child_process';

export interface ServedChild {
  readonly child: ChildProcess;
  readonly url: string;
  /** Exit status. */
  readonly ended: Promise<number | null>;
}

/**
 * A server of the bundle in a process of its own, with a shadow where one is given; resolves when it takes connections. What is
 * left of it ends with the test.
 */
export async function startChild(
  bundleDir: string,
  env: Record<string, string> = {},
  ...shadowDir: [] | [string]
): Promise<ServedChild> {
  const program = new URL('serve-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', program, bundleDir, ...shadowDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UNDERTONE_LOG_LEVEL: 'silent', ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const [url] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: url.toString('utf8').trim(), ended };
}
