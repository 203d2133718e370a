import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

export interface Machine {
  readonly processor: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly node: string;
  readonly platform: string;
  /** Core of whatever is measured; null where processes cannot be pinned. */
  readonly serverCore: number | null;
  /** Core of the load generator, no hardware thread of the server's where there is another; the server's where it is the only one. */
  readonly loadCore: number | null;
}

/** The machine, and which of its cores the benchmark takes. */
export function describeMachine(): Machine {
  const allowed = canPin() ? allowedCores() : [];
  const serverCore = allowed[0] ?? null;
  const others = serverCore === null ? [] : threadsBeside(serverCore);
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: allowed.length > 0 ? allowed.length : cpus().length,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    serverCore,
    loadCore: allowed.find((core) => !others.includes(core)) ?? allowed[1] ?? serverCore,
  };
}

function canPin(): boolean {
  try {
    execFileSync('taskset', ['-p', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function allowedCores(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  return coresIn(/^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1] ?? '');
}

/** The hardware threads of a core, by any of them; itself alone where the system does not tell. */
function threadsBeside(core: number): number[] {
  try {
    return coresIn(readFileSync(`/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`, 'utf8').trim());
  } catch {
    return [core];
  }
}

/** Linux writes them as `0-3,8`. */
function coresIn(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
