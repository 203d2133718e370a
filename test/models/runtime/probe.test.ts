import { describe, expect, it, vi } from 'vitest';
import { chooseProvider, fastest, providerReports } from '../../../models/runtime/choose-provider.ts';
import { PROVIDERS, probeProviders } from '../../../models/runtime/probe-providers.ts';

// Processes start many times slower on a machine that is busy.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe('probeProviders', () => {
  it('runs a model on each provider, the processor always among them', async () => {
    const reports = await providerReports();
    expect(reports.map(({ provider }) => provider)).toEqual(PROVIDERS);
    expect(reports[0]).toMatchObject({ provider: 'cpu', available: true, ms: expect.any(Number) });
    expect(reports.map(({ ms }) => ms !== undefined)).toEqual(reports.map(({ available }) => available));
    const reasons = reports.filter(({ available }) => !available).map(({ reason }) => reason ?? '');
    expect(reasons.filter((reason) => !/^[^\n]+$/.test(reason))).toEqual([]);
    expect(await providerReports()).toBe(reports);
  });

  it('gives up on one that does not answer in time', async () => {
    expect(await probeProviders(['cpu'], 1)).toEqual([
      { provider: 'cpu', available: false, reason: 'it did not finish within 1 ms' },
    ]);
  });
});

describe('chooseProvider', () => {
  it.each([
    { name: 'the fastest', ms: { cpu: 9, webgpu: 2, cuda: 1 }, chosen: 'cuda' },
    { name: 'the processor where it is faster', ms: { cpu: 1, webgpu: 2 }, chosen: 'cpu' },
    { name: 'the processor where nothing ran', ms: {}, chosen: 'cpu' },
  ] as const)('takes $name', ({ ms, chosen }) => {
    const reports = Object.entries(ms).map(([provider, time]) => ({
      provider: provider as 'cpu' | 'webgpu' | 'cuda',
      available: true,
      ms: time,
    }));
    expect(fastest(reports)).toBe(chosen);
  });

  it('does not take an emulated GPU', () => {
    const reports = [
      { provider: 'webgpu', available: true, emulated: true, ms: 1 },
      { provider: 'cpu', available: true, ms: 2 },
    ] as const;
    expect(fastest(reports)).toBe('cpu');
  });

  it('refuses a provider that is not there, and never offers one that did not run', async () => {
    const reports = await providerReports();
    const missing = reports.filter(({ available }) => !available).map(({ provider }) => provider);
    const refusals = await Promise.allSettled(missing.map((provider) => chooseProvider(provider)));
    expect(refusals).toMatchObject(
      missing.map(() => ({ status: 'rejected', reason: { code: 'provider_unavailable', exitCode: 3 } })),
    );
    const auto = await chooseProvider('auto');
    expect(reports.find(({ provider }) => provider === auto)).toMatchObject({ available: true });
  });
});
