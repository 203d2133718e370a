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
  /** Core of the load generator; the server's where there is one core only. */
  readonly loadCore: number | null;
}

/** The machine, and which of its cores the benchmark takes. */
export function describeMachine(): Machine {
  const allowed = canPin() ? allowedCores() : [];
  const serverCore = allowed[0] ?? null;
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: allowed.length > 0 ? allowed.length : cpus().length,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    serverCore,
    loadCore: allowed[1] ?? serverCore,
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

/** Linux writes them as `0-3,8`. */
function allowedCores(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
