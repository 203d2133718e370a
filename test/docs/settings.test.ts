import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { RUNTIME_SETTINGS } from '../../models/runtime/config.ts';
import { envName, ServerConfig } from '../../server/config.ts';
import { ROOT } from './source-codes.ts';
import { readDoc, tableRows } from './tables.ts';

test('docs/settings.md is what scripts/make-docs.mjs writes', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/make-docs.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('it lists the variable of every setting', () => {
  const rows = tableRows(readDoc('settings.md'));
  const listed = ['Server', 'Inference'].flatMap((heading) => rows.get(heading) ?? []).map(({ cells }) => cells[1]);
  const runtime = Object.values(RUNTIME_SETTINGS).map(({ name }) => name);
  expect(listed).toEqual([...Object.keys(ServerConfig.shape).map(envName), ...runtime].map((name) => `\`${name}\``));
});
