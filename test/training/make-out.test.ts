import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cachedRows } from '../../training/embeddings/cached-rows.ts';
import { smoke } from '../../training/recipes/smoke.ts';
import { writeReport } from '../../training/sweep/report/write-report.ts';
import { unitStore } from '../../training/sweep/unit-store.ts';
import { train } from '../../training/train.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-out-'));
const out = join(root, 'file', 'below');
writeFileSync(join(root, 'file'), '');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const unit = { set: 'a', method: 'b', seed: 1, training: null, tests: [], virtual: {}, seconds: 0 };
const report = {
  format: 1,
  created: '',
  bundle: { name: '', version: '', sha256: '' },
  preset: 'methods',
  budget: { steps: 1, batch: 1 },
  sets: [],
  calibration: [],
  pairs: [],
} as const;

it.each<[what: string, () => Promise<unknown>]>([
  ['training', () => train({ recipe: smoke, data: root, out })],
  ['a unit of a sweep', () => unitStore(out).write('unit', unit)],
  [
    'embeddings',
    () => cachedRows({ folder: out, name: 'a', bundle: 'b', items: [] }, () => Promise.resolve(new Float32Array())),
  ],
  ['the report of a sweep', () => writeReport(out, 'methods', report)],
])('%s below a file ends with a code and the path', async (_, write) => {
  await expect(write()).rejects.toMatchObject({
    code: 'out_unwritable',
    message: expect.stringContaining(out) as unknown,
  });
});
