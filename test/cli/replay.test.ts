import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyBundle } from '../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-cli-replay-'));
let bundle: string;

beforeAll(async () => {
  bundle = (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('leaves nothing in the folder where it is told to end', { timeout: 60_000 }, async () => {
  const out = join(root, 'out');
  const captions = join(root, 'day.srt');
  const cues = Array.from({ length: 40_000 }, (_, s) => `${clock(s)},000 --> ${clock(s + 1)},000\nword ${s % 7}\n`);
  writeFileSync(captions, cues.join('\n'));
  const args = ['bin/undertone.mjs', 'replay', captions, '--out', out, '--bundle', bundle];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  while (child.exitCode === null && !staged(out)) await sleep(20);
  child.kill('SIGTERM');
  expect(await ended).toEqual([1, null]);
  expect(stderr).toContain('replay_aborted');
  expect(readdirSync(out)).toEqual([]);
});

function clock(s: number): string {
  return [s / 3600, (s / 60) % 60, s % 60].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
}

function staged(out: string): boolean {
  try {
    return readdirSync(out).length > 0;
  } catch {
    return false;
  }
}
