import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { childrenCpuMs } from './children-cpu.ts';

const BURN_MS = 200;
/** Takes so much CPU, says so, and stays. */
const BURN = `
  while (process.cpuUsage().user < ${1000 * BURN_MS});
  console.log('done');
  process.stdin.resume();
`;

it.skipIf(!existsSync('/proc/self/stat'))('tells the CPU that a running child has used', async () => {
  const before = childrenCpuMs() ?? Number.NaN;
  const child = spawn(process.execPath, ['-e', BURN], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    expect((childrenCpuMs() ?? Number.NaN) - before).toBeGreaterThanOrEqual(BURN_MS - 20);
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
});
