import { Worker } from 'node:worker_threads';

/** Time between two looks, in milliseconds. */
const LOOK_MS = 1000;

/** Where a system gives orphans another parent, that tells; elsewhere the number is nobody's. */
const WATCH = `
  const parent = process.ppid;
  const isGone = () => {
    if (process.ppid !== parent) return true;
    try {
      process.kill(parent, 0);
      return false;
    } catch (error) {
      return error.code === 'ESRCH';
    }
  };
  setInterval(() => {
    if (isGone()) process.kill(process.pid, 'SIGKILL');
  }, ${LOOK_MS});
`;

/**
 * Ends this process when the one that started it is gone, also while a native call holds its event loop: a thread of its own
 * looks every {@link LOOK_MS}. It keeps nothing open.
 */
export function endWithParent(): void {
  // Without the loaders of this process, which would cost more than the thread itself.
  const watch = new Worker(WATCH, { eval: true, execArgv: [] });
  // Without room for a thread the process does without.
  watch.on('error', () => undefined);
  watch.unref();
}
