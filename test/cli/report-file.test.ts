import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openReportFile } from '../../cli/report-file.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'undertone-report-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

it('a report replaces what was in its file, and not before it is written', async () => {
  const file = join(dir, 'report.json');
  await writeFile(file, 'older and longer than the new one');
  const write = await openReportFile(file);
  expect(await readFile(file, 'utf8')).toBe('older and longer than the new one');
  await write({ rounds: 2 });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ rounds: 2 });
});

it('a file that cannot be written is told before the work', async () => {
  await expect(openReportFile(join(dir, 'missing', 'report.json'))).rejects.toMatchObject({ code: 'out_unwritable' });
});
