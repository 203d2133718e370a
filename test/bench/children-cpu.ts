import { readFileSync, readdirSync } from 'node:fs';

/** Linux tells CPU time in hundredths of a second. */
const MS_PER_TICK = 10;

/** CPU that the children of this process have used, in ms; null where Linux's /proc does not tell. */
export function childrenCpuMs(): number | null {
  try {
    const pids = readdirSync('/proc/self/task').flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(/\s+/).filter(Boolean),
    );
    return pids.map(cpuTicks).reduce((sum, ticks) => sum + ticks, 0) * MS_PER_TICK;
  } catch {
    return null;
  }
}

/** User and system time, fields 14 and 15 of `stat`; the name before them may hold spaces and brackets. */
function cpuTicks(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return Number(user) + Number(system);
}
