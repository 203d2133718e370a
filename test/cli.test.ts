import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { writeTinyBundle } from './support/tiny-bundle.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000 });

const folder = mkdtempSync(join(tmpdir(), 'undertone-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function undertone(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/undertone.mjs', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('command line', () => {
  it.each([
    ['bin/undertone.mjs', '20.18.3'],
    ['scripts/start.mjs', '22.11.0'],
    ['scripts/start.mjs', '23.11.1'],
  ])('%s says that Node %s will not do', (program, node) => {
    const other = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${node}' } })`;
    const args = ['--import', `data:text/javascript,${encodeURIComponent(other)}`, program, '--version'];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([
      3,
      '',
      expect.stringMatching(new RegExp(`^undertone: needs Node .* and this is ${node.replaceAll('.', '\\.')};.*\\n$`)),
    ]);
  });

  it('shows help for itself and for a verb', () => {
    const whole = undertone('--help');
    expect(whole.status).toBe(0);
    for (const verb of ['serve', 'replay', 'train', 'eval', 'heads', 'sweep', 'data', 'models', 'bench', 'doctor'])
      expect(whole.stdout).toContain(verb);
    expect(undertone('eval', '--help').stdout).toContain('--missing');
  });

  it('ends as it would where nobody reads what it prints', async () => {
    const child = spawn(process.execPath, ['bin/undertone.mjs', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let complaints = '';
    child.stderr.on('data', (chunk) => (complaints += String(chunk)));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(complaints).toBe('');
  });

  it.skipIf(!existsSync('/dev/full'))('fails in one line where what it prints has no place', () => {
    const full = openSync('/dev/full', 'w');
    const args = ['bin/undertone.mjs', '--help'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^undertone: cannot print .*\(out_unwritable\)\n$/)]);
  });

  it('serves with JSON lines alone on stdout, and says its address on stderr', async () => {
    const { dir } = await writeTinyBundle({ dir: join(folder, 'tiny') });
    const args = ['bin/undertone.mjs', 'serve', '--bundle', dir, '--port', '0', '--workers', '1', '--provider', 'cpu'];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, UNDERTONE_LOG_LEVEL: 'info' },
    });
    let log = '';
    let told = '';
    child.stdout.on('data', (chunk) => (log += String(chunk)));
    child.stderr.on('data', (chunk) => (told += String(chunk)));
    await once(child.stderr, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([0, null]);
    const messages = log
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect([messages[0], messages.at(-1)]).toEqual(['worker started', 'stopped']);
    expect(told).toMatch(/^Undertone is at http:\/\/127\.0\.0\.1:\d+\n$/);
  });

  it.each([
    ['an unknown verb', 2, ['nonsense'], 'unknown command'],
    ['a verb that is nearly right', 2, ['serv'], "'serv' (Did you mean serve?) (bad_usage)"],
    ['an unknown option', 2, ['serve', '--nope'], 'bad_usage'],
    ['more processes than there may be', 2, ['serve', '--workers', '600'], 'bad_setting'],
    ['a limit that would change nothing', 2, ['train', '--data', folder, '--limit', '3'], 'bad_setting'],
    ['a missing option', 2, ['eval', '--dataset', 'mosei'], '--split'],
    ['a data set without its folder', 2, ['eval', '--dataset', 'mosei', '--split', 'val'], '--data is missing'],
    ['a share above 1', 2, ['replay', 'x.mp4', '--out', folder, '--drop', 'video=2'], 'from 0 to 1'],
    ['a share of nothing', 2, ['replay', 'x.mp4', '--out', folder, '--drop', 'video'], 'like video=0.5'],
    ['two shares in one', 2, ['replay', 'x.mp4', '--out', folder, '--drop', 'video=0.5=0.3'], 'like video=0.5'],
    [
      'two shares of one modality',
      2,
      ['replay', 'x.mp4', '--out', folder, '--drop', 'video=0.5', '--drop', 'video=0.3'],
      'There is one for video already',
    ],
    ['a hop of nothing', 2, ['replay', 'x.mp4', '--out', folder, '--hop', '0'], 'from 1 on'],
    ['an empty hop', 2, ['replay', 'x.mp4', '--out', folder, '--hop='], 'a whole number'],
    ['smoothing that never moves', 2, ['replay', 'x.mp4', '--out', folder, '--smoothing', '1'], 'from 0 to 0.99'],
    ['a rate above 1', 2, ['sweep', '--data', folder, '--rates', '0,1.5'], 'from 0 to 1'],
    ['a part of nothing', 2, ['sweep', '--data', folder, '--part', '3/2'], 'like 1/2'],
    ['an unknown level', 2, ['sweep', '--data', folder, '--levels', 'sample,clip'], 'There are sample, frame'],
    ['a sweep of data sets without their folder', 2, ['sweep', '--sets', 'mvsa'], '--data is missing'],
    [
      'a sweep of a file that is not there',
      1,
      ['sweep', '--out', folder, '--sets', 'no.safetensors'],
      'data_not_found',
    ],
    ['an unknown set', 2, ['sweep', '--data', folder, '--out', folder, '--sets', 'nope'], 'sweep_unknown'],
    ['a data set that is not there', 1, ['data', 'prepare', '--dataset', 'meld', '--data', folder], 'data_not_found'],
    ['an unknown recipe', 2, ['train', '--recipe', 'nope', '--data', folder], 'unknown_recipe'],
    ['no folder of embeddings', 1, ['heads', '--embeddings', join(folder, 'nowhere')], 'data_not_found'],
    ['no model to rewrite', 2, ['models', 'rewrite', 'nope.onnx', '--out', join(folder, 'out.onnx')], 'rewrite_file'],
    [
      'a model in its own place',
      2,
      ['models', 'rewrite', 'README.md', '--out', './README.md'],
      'is the model itself, which would be lost',
    ],
    [
      'a file that is no model',
      1,
      ['models', 'rewrite', 'README.md', '--out', join(folder, 'out.onnx')],
      'onnx_unreadable',
    ],
    [
      'images of a bundle for a foundation model',
      2,
      ['train', '--data', folder, '--foundation', 'clip', '--images-of', 'undertone-compact'],
      "cannot be used with option '--foundation",
    ],
    ['an unknown bundle', 1, ['models', 'verify', 'nope'], 'bundle_not_found'],
    ['a form of a bundle', 2, ['models', 'verify', '--variant', 'int8'], 'is for foundation models alone'],
    [
      'the precision of what is not rewritten',
      2,
      ['models', 'pull', 'clip-vit-b32', '--offline', '--no-rewrite', '--precision', 'int8'],
      "cannot be used with option '--no-rewrite'",
    ],
    [
      'the precision of published int8',
      2,
      ['models', 'pull', 'clip-vit-b32', '--offline', '--variant', 'int8', '--precision', 'int8'],
      '--precision is for --variant float32 alone',
    ],
    [
      'a limit of no data sets',
      2,
      ['models', 'bootstrap', 'clip-vit-b32', '--out', folder, '--limit', '3'],
      '--limit is for --data alone',
    ],
    [
      'an empty data folder',
      1,
      ['train', '--recipe', 'smoke', '--data', folder, '--out', join(folder, 'run')],
      'data_not_found',
    ],
  ])('ends with one line on stderr for %s', (_, status, args, message) => {
    const result = undertone(...args);
    expect(result.status).toBe(status);
    const lines = result.stderr.trim().split('\n');
    expect(lines.at(-1)).toContain(message);
    expect(lines.every((line) => line.startsWith('undertone: '))).toBe(true);
  });
});
