import { spawnSync } from 'node:child_process';

/** Of util-linux; runs the command in its own place. */
const SETPRIV = ['setpriv', '--pdeathsig', 'KILL'] as const;

let works: boolean | undefined;

/**
 * A command whose process Linux kills when the one that starts it is gone: also one that is stopped (SIGSTOP) and can end
 * neither itself nor with its pipe. The same command where no `setpriv` is there to ask for that.
 */
export function killedWithParent(program: string, args: readonly string[]): readonly [string, readonly string[]] {
  works ??= process.platform === 'linux' && spawnSync(SETPRIV[0], [...SETPRIV.slice(1), 'true']).status === 0;
  if (!works) return [program, args];
  return [SETPRIV[0], [...SETPRIV.slice(1), program, ...args]];
}
