import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSafetensors } from '../../../training/engine/safetensors.ts';
import { STEPS, trainAndReport } from './train-and-report.ts';

const SCRIPT = join(import.meta.dirname, 'train-and-report.ts');
/** A run is killed once it has reported this many steps; the last one, which has fewer left, ends. */
const KILL_AFTER = [1, 7, 4, STEPS];

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'undertone-kill-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the training in a process of its own, kills it after some reports, and gives these. */
async function trainUntilKilled(path: string, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  const seen: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(line);
    if (seen.length === lines) child.kill('SIGKILL');
  }
  await ended;
  return seen;
}

it('resumes to the same losses and parameters, killed at whatever moment', { timeout: 300_000 }, async () => {
  const whole: string[] = [];
  await trainAndReport(join(folder, 'whole'), (line) => whole.push(line));
  expect(whole).toHaveLength(STEPS);

  const path = join(folder, 'killed');
  let first = 0;
  for (const lines of KILL_AFTER) {
    const seen = await trainUntilKilled(path, lines);
    expect(seen).toEqual(whole.slice(first, first + seen.length));
    first = existsSync(path) ? Number((await readSafetensors(path)).metadata['step']) : 0;
  }
  expect(first).toBe(STEPS);
  expect(await readFile(path)).toEqual(await readFile(join(folder, 'whole')));
});
