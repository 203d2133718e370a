import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { FoundationSettings } from '../../models/foundation/config.ts';
import { RuntimeConfig } from '../../models/runtime/config.ts';
import { describeSettings } from '../../models/settings.ts';
import { ToolPaths } from '../../pipeline/replay/config.ts';
import { ServerConfig } from '../../server/config.ts';
import { ROOT } from './source-codes.ts';

test('docs/settings.md is what scripts/make-docs.mjs writes', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/make-docs.mjs', '--check'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('every setting has a variable of its own and a description', () => {
  const settings = [ServerConfig, RuntimeConfig, FoundationSettings, ToolPaths].flatMap(describeSettings);
  expect(settings.filter(({ description }) => !/^[A-Z1]/.test(description))).toEqual([]);
  expect(new Set(settings.map(({ variable }) => variable)).size).toBe(settings.length);
});
