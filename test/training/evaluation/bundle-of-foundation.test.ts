import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundleOfFoundation } from '../../../training/evaluation/bundle-of-foundation.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

const runs = mkdtempSync(join(tmpdir(), 'undertone-runs-'));
afterAll(() => rmSync(runs, { recursive: true, force: true }));

it('finds the bundle of a run beside a link that leads nowhere and a file', async () => {
  const { dir } = await writeTinyBundle({ dir: join(runs, 'b', 'bundle', 'tiny', '1.0.0') });
  const path = join(dir, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...manifest, foundation: { name: 'found', revision: 'abc' } }));
  mkdirSync(join(runs, 'c'));
  writeFileSync(join(runs, 'notes.txt'), '');
  symlinkSync('gone', join(runs, 'a'));
  expect(bundleOfFoundation('found', runs)).toBe(dir);
});
