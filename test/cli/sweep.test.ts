import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { smokeDataset } from '../support/smoke-dataset.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-cli-sweep-'));
const out = join(root, 'out');
let bundle: string;

beforeAll(async () => {
  await smokeDataset(join(root, 'data'), { seed: 1, n: 70 });
  bundle = (await writeTinyBundle({ dir: join(root, 'tiny'), slots: 2 })).dir;
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function sweep(...more: string[]): { status: number | null; stdout: string; stderr: string } {
  const short = ['--seeds', '1,2', '--rates', '0,1', '--steps', '2', '--batch', '8', '--phases', 'testing'];
  const small = [
    '--train-clips',
    '20',
    '--test-clips',
    '10',
    '--sets',
    'composed',
    '--methods',
    'text-only,video-only',
  ];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      'bin/undertone.mjs',
      'sweep',
      '--data',
      join(root, 'data'),
      '--out',
      out,
      '--bundle',
      bundle,
      ...short,
      ...small,
      ...more,
    ],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

it('runs its parts in processes of their own, and then writes the report', { timeout: 180_000 }, () => {
  const { status, stdout, stderr } = sweep('--jobs', '2');
  expect(stderr).toContain('part 1 is done');
  expect(stderr).toContain('part 2 is done');
  expect(status).toBe(0);
  expect(stdout).toContain(join(out, 'methods.html'));
  // Two methods and the trivial prediction, two seeds, each once.
  expect(readdirSync(join(out, 'units')).filter((name) => !name.startsWith('tune'))).toHaveLength(3 * 2);
  expect(readFileSync(join(out, 'methods.csv'), 'utf8').trim().split('\n')).toHaveLength(1 + 3 * 3 * 4 * 2);
  expect(existsSync(join(out, 'embeddings'))).toBe(true);
});
