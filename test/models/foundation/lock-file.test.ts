import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockKey, readLock, writeLockEntry } from '../../../models/foundation/lock-file.ts';
import { commitOf } from '../../support/hub-server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'undertone-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test(
  'of models that are pinned at once none is lost, and nothing stays beside the file',
  { timeout: 60_000 },
  async () => {
    const file = join(folder, 'below', 'lock.json');
    const keys = Array.from({ length: 20 }, (_, i) => lockKey(`model-${i}`, 'float32'));
    const entry = { repository: 'test/tiny-clip', revision: commitOf('first'), files: {} };
    await Promise.all(keys.map((key) => writeLockEntry(file, key, entry)));
    expect(Object.keys((await readLock(file)).models)).toEqual([...keys].sort());
    await Promise.all(keys.slice(1).map((key) => writeLockEntry(file, key, undefined)));
    expect((await readLock(file)).models).toEqual({ 'model-0:float32': entry });
    expect(readdirSync(join(folder, 'below'))).toEqual(['lock.json']);
  },
);

test('a folder that cannot be made is told of; a file that is no lock file is left as it is', async () => {
  const none = join(folder, 'none');
  writeFileSync(none, '{');
  await expect(writeLockEntry(join(none, 'lock.json'), 'a:float32', undefined)).rejects.toMatchObject({
    code: 'models_unwritable',
  });
  await expect(writeLockEntry(none, 'a:float32', undefined)).rejects.toMatchObject({ code: 'lock_invalid' });
  expect(readdirSync(folder)).toEqual(['none']);
});
