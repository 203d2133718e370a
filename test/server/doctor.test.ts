import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { checkBundle } from '../../server/doctor/check-bundle.ts';
import { checkChromium } from '../../server/doctor/check-chromium.ts';
import { checkNode } from '../../server/doctor/check-node.ts';
import { checkProviders } from '../../server/doctor/check-providers.ts';
import { checkPage } from '../../server/doctor/check-page.ts';
import { formatDoctor } from '../../server/doctor/format-doctor.ts';
import { hasFfmpeg } from '../pipeline/replay/clips.ts';
import { writeTinyBundle } from '../support/tiny-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'undertone-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('doctor', () => {
  test.each([
    ['18.20.0', 'missing'],
    ['20.18.9', 'missing'],
    ['20.19.0', 'ok'],
    ['21.7.3', 'missing'],
    ['22.11.0', 'missing'],
    ['22.12.0', 'ok'],
    ['23.11.1', 'missing'],
    ['24.0.0', 'ok'],
    ['26.1.0', 'ok'],
  ])('Node %s is %s', (version, status) => expect(checkNode(version).status).toBe(status));

  test('a bundle counts when its checksums are right, and only then', async () => {
    const { dir } = await writeTinyBundle({ dir: join(folder, 'bundle') });
    expect(await checkBundle(dir)).toMatchObject({ status: 'ok', needed: true });
    writeFileSync(join(dir, 'heads.onnx'), 'something else');
    const changed = await checkBundle(dir);
    expect(changed).toMatchObject({ status: 'missing' });
    expect(changed.detail).toContain('heads.onnx');
    expect(await checkBundle('no-such-bundle')).toMatchObject({ status: 'missing', advice: expect.any(String) });
  });

  test('the bundle that counts is the one that would be served', async () => {
    vi.stubEnv('UNDERTONE_BUNDLE', 'no-such-bundle');
    expect(await checkBundle()).toMatchObject({
      status: 'missing',
      advice: expect.stringContaining('UNDERTONE_BUNDLE'),
    });
    vi.unstubAllEnvs();
  });

  test('of the providers that run, the one that inference takes is named', async () => {
    const checks = await checkProviders(() =>
      Promise.resolve([
        { provider: 'cpu', available: true, ms: 4.24 },
        { provider: 'webgpu', available: true, ms: 0.5, emulated: true, reason: 'an emulation' },
        { provider: 'cuda', available: true, ms: 1.2 },
      ]),
    );
    expect(checks.map(({ status, needed, detail }) => [status, needed, detail])).toEqual([
      ['ok', true, 'a small model took 4.2 ms'],
      ['missing', false, 'an emulation'],
      ['ok', false, 'a small model took 1.2 ms; `auto` takes it'],
    ]);
  });

  test('the systems that are named are those that onnxruntime-node comes with libraries for', async () => {
    const [check] = await checkProviders(() => Promise.resolve([{ provider: 'cpu', available: false }]));
    const libraries = resolve('node_modules/onnxruntime-node/bin/napi-v6');
    const has = (system: string): string[] => readdirSync(join(libraries, system)).sort();
    expect([has('linux'), has('win32'), has('darwin')]).toEqual([['arm64', 'x64'], ['arm64', 'x64'], ['arm64']]);
    expect(check?.advice).toMatch(/x64 and arm64 on Linux and Windows, arm64 on macOS$/);
  });

  test.skipIf(!hasFfmpeg || process.platform === 'win32').each([
    [[], 'missing', 'without zscale, tonemap'],
    [['tonemap'], 'missing', 'without zscale'],
    [['zscale', 'tonemap'], 'ok', 'zscale, tonemap'],
  ])('an ffmpeg that has %j for HDR is as good for the rest', async (filters, status, detail) => {
    const program = join(folder, 'ffmpeg');
    const rows = filters.map((name) => `echo ' .S. ${name} V->V other'`).join('\n');
    writeFileSync(
      program,
      `#!/bin/sh\nffmpeg "$@" | sed '/ zscale /d; / tonemap /d'\ntest "$2" = -filters || exit 0\n${rows}\n`,
    );
    chmodSync(program, 0o755);
    vi.stubEnv('FFMPEG_PATH', program);
    vi.resetModules();
    const { checkFfmpeg } = await import('../../server/doctor/check-ffmpeg.ts');
    const [tools, , hdr] = await checkFfmpeg();
    expect(tools).toMatchObject({ status: 'ok', needed: true });
    expect(hdr).toMatchObject({ name: 'HDR', needed: false, status, detail });
    vi.unstubAllEnvs();
  });

  test('the page counts when it is built', () => {
    const check = () => checkPage(() => folder);
    expect(check()).toMatchObject({ status: 'missing', needed: false });
    writeFileSync(join(folder, 'index.html'), '<!doctype html>');
    expect(check().status).toBe('ok');
  });

  test('the page that counts is the one that would be served', () => {
    vi.stubEnv('UNDERTONE_WEB_DIR', join(folder, 'nowhere'));
    expect(checkPage()).toMatchObject({
      status: 'missing',
      needed: true,
      detail: expect.stringContaining('index.html'),
    });
    vi.unstubAllEnvs();
  });

  test('a Chromium is found in the search path, and has advice per system where it is not', () => {
    writeFileSync(join(folder, 'chromium'), '#!/bin/sh\n', { mode: 0o755 });
    expect(checkChromium([folder]).detail).toBe(join(folder, 'chromium'));
    expect(checkChromium([], 'linux')).toMatchObject({ status: 'missing', advice: 'apt-get install chromium' });
    expect(checkChromium([], 'openbsd').advice).toContain('Chromium');
  });

  test('the table tells needed from welcome and says how to get what is missing', () => {
    const text = formatDoctor({
      ok: false,
      checks: [
        { name: 'a', status: 'ok', needed: true, detail: 'here' },
        { name: 'b', status: 'missing', needed: true, detail: 'gone', advice: 'buy b' },
        { name: 'c', status: 'missing', needed: false, detail: 'gone', advice: 'rent c' },
        { name: 'd', status: 'missing', needed: false, detail: 'gone', advice: 'rent c' },
      ],
    });
    expect(text.split('\n')).toEqual([
      'ok       a  here',
      'MISSING  b  gone',
      'absent   c  gone',
      'absent   d  gone',
      '',
      'How to get it:',
      '  b: buy b',
      '  c, d: rent c',
      '',
      'Something that is needed is missing.',
    ]);
  });
});
