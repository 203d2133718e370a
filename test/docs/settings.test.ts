import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { FoundationSettings } from '../../models/foundation/config.ts';
import { RuntimeConfig } from '../../models/runtime/config.ts';
import { describeSettings } from '../../models/settings.ts';
import { ToolPaths } from '../../pipeline/replay/config.ts';
import { ServerConfig } from '../../server/config.ts';
import { ROOT, sources } from './source-codes.ts';
import { readDoc } from './tables.ts';

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

test('every variable that is read by its name is in docs/settings.md', () => {
  const texts = sources('models', 'pipeline', 'training', 'server', 'client', 'cli', 'cli.ts');
  const read = texts.flatMap((text) => [...text.matchAll(/\benv\['(\w+)'\]/g)].map(([, name = '']) => name));
  expect(read).toContain('XDG_CACHE_HOME');
  const page = readDoc('settings.md');
  const lost = [...read, 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'].filter((name) => !page.includes(`\`${name}\``));
  // Where programs are looked for is the system's.
  expect(new Set(lost)).toEqual(new Set(['PATH', 'Path']));
});
