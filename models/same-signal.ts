/**
 * A signal this soon after the first is the same one: `timeout`, service managers and `npm start` send it to a process and
 * to its group. Nobody presses Ctrl-C twice as fast as that.
 */
const SAME_MS: Partial<Record<NodeJS.Signals, number>> = { SIGTERM: 1000, SIGINT: 100 };

/** A signal and when it came, by `performance.now()`. */
export interface Signalled {
  readonly name: NodeJS.Signals;
  readonly atMs: number;
}

/** Whether a signal that comes now is the first one over again. */
export function isSameSignal(name: NodeJS.Signals, first: Signalled | undefined): boolean {
  return first?.name === name && performance.now() - first.atMs < (SAME_MS[name] ?? 0);
}
