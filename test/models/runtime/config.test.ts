import { describe, expect, it } from 'vitest';
import { readRecordingConfig, readRuntimeConfig } from '../../../models/runtime/config.ts';

describe('readRuntimeConfig', () => {
  it('has the documented defaults', () => {
    expect(readRuntimeConfig({})).toMatchObject({
      bundle: 'undertone-compact',
      provider: 'auto',
      workers: 0,
      deadlineMs: 1000,
    });
  });

  it('reads every setting, and takes an empty one as not given', () => {
    const env = {
      UNDERTONE_WORKERS: '3',
      UNDERTONE_PROVIDER: 'cpu',
      UNDERTONE_DEADLINE_MS: '250',
      UNDERTONE_BUNDLE: '',
    };
    expect(readRuntimeConfig(env)).toEqual({ ...readRuntimeConfig({}), workers: 3, provider: 'cpu', deadlineMs: 250 });
  });

  it.each([
    ['UNDERTONE_WORKERS', '-1'],
    ['UNDERTONE_WORKERS', 'many'],
    ['UNDERTONE_PROVIDER', 'tpu'],
    ['UNDERTONE_DEADLINE_MS', '1.5'],
    ['UNDERTONE_MAX_BATCH', '0'],
  ])('refuses %s=%s and names it', (name, value) => {
    expect(() => readRuntimeConfig({ [name]: value })).toThrowError(
      expect.objectContaining({
        code: 'bad_setting',
        exitCode: 2,
        message: expect.stringContaining(name),
      }),
    );
  });
});

describe('readRecordingConfig', () => {
  it('has time for a slow machine, unless the environment says otherwise', () => {
    const patient = { ...readRuntimeConfig({}), deadlineMs: 60_000, loadDeadlineMs: 600_000, maxWaitMs: 600_000 };
    expect(readRecordingConfig({})).toEqual(patient);
    const env = { UNDERTONE_DEADLINE_MS: '250', UNDERTONE_BUNDLE: 'other' };
    expect(readRecordingConfig(env, { bundle: 'given' })).toEqual({ ...patient, deadlineMs: 250, bundle: 'given' });
  });
});
