import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ownPrefix, removeOrphans } from '../../models/folder-owner.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-owner-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const own = await ownPrefix();
const ended = spawnSync(process.execPath, ['-e', '']).pid;
const TWO_HOURS_S = 7200;

test.each([
  ['of a process that runs', `${own}aB3_xy`, TWO_HOURS_S, true],
  ['of a process that is gone', `${own.replace(String(process.pid), String(ended))}aB3_xy`, 0, false],
  ['of another machine, which shows that it lives', '.undertone-00000000-1-aB3_xy', 0, true],
  ['of another machine, silent for hours', '.undertone-00000000-1-aB3_xy', TWO_HOURS_S, false],
  ['of somebody else', '.undertone-notes', TWO_HOURS_S, true],
])('a hidden folder %s', async (_, name, ageS, stays) => {
  const folder = join(root, name);
  mkdirSync(join(folder, 'within'), { recursive: true });
  const atS = Date.now() / 1000 - ageS;
  utimesSync(folder, atS, atS);
  await removeOrphans(root);
  expect(existsSync(folder)).toBe(stays);
});
