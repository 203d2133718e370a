import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stageFolder } from '../../pipeline/replay/staged-folder.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-cli-replay-'));
let bundle: string;

beforeAll(async () => {
  bundle = (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('leaves nothing in the folder where it is told to end', { timeout: 180_000 }, async () => {
  const out = join(root, 'out');
  const captions = longCaptions('day.srt');
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

it('says so where it is told to end while the model loads', { timeout: 180_000 }, async () => {
  const out = join(root, 'early');
  const captions = join(root, 'early.srt');
  writeFileSync(captions, '1\n00:00:00,000 --> 00:00:01,000\nhello\n');
  // The first process that it starts is one for the model.
  const interrupt = join(root, 'interrupt.mjs');
  writeFileSync(
    interrupt,
    "import { subscribe } from 'node:diagnostics_channel';\n" +
      "subscribe('child_process', () => process.kill(process.pid, 'SIGINT'));\n",
  );
  const command = ['bin/undertone.mjs', 'replay', captions, '--out', out, '--bundle', bundle];
  const child = spawn(process.execPath, ['--import', interrupt, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(stderr).toBe('undertone: the replay was stopped; nothing was written (replay_aborted)\n');
  expect(existsSync(out)).toBe(false);
});

it('leaves nothing for long where it is killed', { timeout: 180_000 }, async () => {
  const out = join(root, 'killed');
  const captions = longCaptions('killed.srt');
  const args = ['bin/undertone.mjs', 'replay', captions, '--out', out, '--bundle', bundle];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = once(child, 'close');
  while (child.exitCode === null && !staged(out)) await sleep(20);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(readdirSync(out)).toHaveLength(1);
  const next = await stageFolder(out);
  await next.discard();
  expect(readdirSync(out)).toEqual([]);
});

/** Longer than the test waits. */
function longCaptions(name: string): string {
  const file = join(root, name);
  const cues = Array.from({ length: 40_000 }, (_, s) => `${clock(s)},000 --> ${clock(s + 1)},000\nword ${s % 7}\n`);
  writeFileSync(file, cues.join('\n'));
  return file;
}

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
