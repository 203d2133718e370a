import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { positiveNumber, wholeNumber } from '../../cli/options.ts';

const root = mkdtempSync(join(tmpdir(), 'undertone-cli-options-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function undertone(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { HF_HUB_OFFLINE: _, ...rest } = process.env;
  const settings = { ...rest, UNDERTONE_MODELS_DIR: join(root, 'models'), ...env };
  return spawnSync(process.execPath, ['bin/undertone.mjs', ...args], { encoding: 'utf8', env: settings });
}

describe('options of `train` that belong to another', { timeout: 60_000 }, () => {
  it.each([
    [['--data', root, '--steps', '5'], '--steps is for --prepared alone'],
    [['--data', root, '--anew'], '--anew is for --prepared alone'],
    [['--data', root, '--bundle', 'undertone-compact'], '--bundle is for --prepared alone'],
    [['--prepared', 'a.safetensors', '--limit', '5'], '--limit is for --foundation alone'],
    [['--prepared', 'a.safetensors', '--data', root], "cannot be used with option '--data <folder>'"],
    [['--prepared', 'a.safetensors', '--name', '../up'], 'small letters'],
    [[], '--data is missing'],
  ])('%j', (args, message) => {
    const { status, stderr } = undertone(['train', ...args]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('options that would change nothing', { timeout: 60_000 }, () => {
  const swept = ['sweep', '--data', root];
  const evaluated = ['eval', '--data', root, '--dataset', 'mosi', '--split', 'val'];
  it.each([
    [[...swept, '--split', 'test'], '--split is for prepared sets alone'],
    [[...swept, '--sets', 'mvsa', '--train-clips', '9'], '--train-clips is for the set composed alone'],
    [[...swept, '--sets', 'mvsa', '--test-clips', '3000'], '--test-clips is for the set composed alone'],
    [[...swept, '--phases', 'testing', '--training-rates', '0.5'], '--training-rates is for the phase training alone'],
    [[...swept, '--part', '1/2', '--jobs', '1'], '--jobs is for sweeps without --part alone'],
    [[...swept, '--part', '1/2', '--pairs', 'a.npy,b.npy'], '--pairs is for sweeps without --part alone'],
    [[...evaluated, '--missing-level', 'slot'], '--missing-level is for --missing alone'],
  ])('are refused as usage: %j', (args, message) => {
    const { status, stderr } = undertone(args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(`${message}; leave it out (bad_setting)`)]);
  });
});

describe('numbers', () => {
  it.each(['', ' ', '-1', '1.5', 'many'])('%j is no whole number', (text) => {
    expect(() => wholeNumber(text)).toThrow(/whole number/);
    expect(() => positiveNumber(text)).toThrow(/from 1 on/);
  });

  it('may be zero or not', () => {
    expect(wholeNumber('0')).toBe(0);
    expect(() => positiveNumber('0')).toThrow(/from 1 on/);
    expect(positiveNumber('64')).toBe(64);
  });

  it.each([
    ['sweep', '--batch'],
    ['sweep', '--steps'],
    ['sweep', '--jobs'],
    ['sweep', '--train-clips'],
    ['sweep', '--test-clips'],
    ['train', '--limit'],
  ])('`%s %s 0` is refused as usage', { timeout: 60_000 }, (verb, option) => {
    const { status, stderr } = undertone([verb, '--data', root, option, '0']);
    expect(status).toBe(2);
    expect(stderr).toContain(`'${option} <n>' argument '0' is invalid. It must be a whole number from 1 on.`);
  });
});

describe('a foundation model', { timeout: 60_000 }, () => {
  it.each([
    ['models', 'bootstrap', 'nope', '--out', join(root, 'out')],
    ['train', '--foundation', 'nope', '--data', root, '--out', join(root, 'out')],
  ])('that nobody knows is not advised to be pulled: %s %s', (...args) => {
    const { status, stderr } = undertone(args);
    expect(status).toBe(2);
    expect(stderr).toContain('no foundation model nope');
    expect(stderr).toContain('(foundation_unknown)');
    expect(stderr).not.toContain('models pull nope');
  });

  it('is not the bundled model, whose heads are trained anew in another way', () => {
    const { status, stderr } = undertone(['train', '--foundation', 'undertone-compact', '--data', root]);
    expect(status).toBe(2);
    expect(stderr).toContain('in place of --foundation, --images-of undertone-compact --texts-of undertone-compact');
    expect(stderr).toContain('(foundation_unknown)');
  });

  it.each<[string, string[], NodeJS.ProcessEnv, string]>([
    ['the option', ['--offline'], {}, '--offline forbids'],
    ['the environment', [], { HF_HUB_OFFLINE: '1' }, 'HF_HUB_OFFLINE forbids'],
    ['both', ['--offline'], { HF_HUB_OFFLINE: '1' }, 'HF_HUB_OFFLINE forbids'],
  ])('that may not be downloaded says that %s forbids it', (_, more, env, says) => {
    const { status, stderr } = undertone(['models', 'pull', 'clip-vit-b32', ...more], env);
    expect(status).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).toContain('(hub_offline)');
  });
});
