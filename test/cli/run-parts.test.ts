import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { runParts } from '../../cli/run-parts.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-parts-'));
const argv = [...process.argv];
afterEach(() => void process.argv.splice(0, process.argv.length, ...argv));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Makes this process one of a command that leaves its arguments in a file for each part, and ends with `code`. */
function beCommand(code: number): (part: number) => string {
  const script = join(root, `command-${code}.cjs`);
  writeFileSync(
    script,
    `require('fs').writeFileSync(__filename + process.argv.at(-1)[0], process.argv.slice(2).join(' ')); process.exitCode = ${code};`,
  );
  process.argv.splice(1, process.argv.length, script, 'sweep');
  return (part) => `${script}${part}`;
}

it('runs the command once for each part', async () => {
  const left = beCommand(0);
  await runParts(2, ['--sets', 'mvsa'], new AbortController().signal);
  expect([1, 2].map((part) => readFileSync(left(part), 'utf8'))).toEqual([
    'sweep --sets mvsa --part 1/2',
    'sweep --sets mvsa --part 2/2',
  ]);
});

it('says which part failed', async () => {
  beCommand(3);
  await expect(runParts(1, [], new AbortController().signal)).rejects.toThrow(/^part 1 of 1 failed/);
});

it('begins none after an interruption', async () => {
  const left = beCommand(1);
  await expect(runParts(1, [], AbortSignal.abort(new Error('interrupted')))).rejects.toThrow('interrupted');
  expect(existsSync(left(1))).toBe(false);
});
