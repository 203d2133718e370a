import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSafetensors } from '../../../training/engine/safetensors.ts';
import { STEPS, trainAndReport } from './train-and-report.ts';

const SCRIPT = join(import.meta.dirname, 'train-and-report.ts');
/** A run is killed once it has reported this many steps, and so many turns of its event loop later. */
const KILLED: readonly (readonly [reports: number, turns: number])[] = [
  [1, 0],
  [7, 1],
  [4, 2],
];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-kill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the training in a process of its own, which may kill itself. @returns what it reported, and the signal that ended it */
async function trainInProcess(path: string, ...kill: readonly number[]): Promise<{ seen: string[]; signal: unknown }> {
  const args = ['--import', 'tsx', SCRIPT, path, ...kill.map(String)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [reported, [, signal]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { seen: reported.trim().split('\n'), signal };
}

it('resumes to the same losses and parameters, killed at whatever moment', { timeout: 300_000 }, async () => {
  const whole: string[] = [];
  await trainAndReport(join(folder, 'whole'), (line) => whole.push(line));
  expect(whole).toHaveLength(STEPS);

  const path = join(folder, 'killed');
  let first = 0;
  for (const [reports, turns] of KILLED) {
    const { seen, signal } = await trainInProcess(path, reports, turns);
    expect(signal).toBe('SIGKILL');
    expect(seen.length).toBeGreaterThanOrEqual(reports);
    expect(seen).toEqual(whole.slice(first, first + seen.length));
    first = existsSync(path) ? Number((await readSafetensors(path)).metadata['step']) : 0;
    expect(first).toBeLessThan(STEPS);
  }
  const { seen, signal } = await trainInProcess(path);
  expect([signal, seen]).toEqual([null, whole.slice(first)]);
  expect(await readFile(path)).toEqual(await readFile(join(folder, 'whole')));
});
