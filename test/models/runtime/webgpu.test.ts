import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { fastest } from '../../../models/runtime/choose-provider.ts';
import { probeProviders } from '../../../models/runtime/probe-providers.ts';
import { runOnProvider, type ProviderOutputs } from '../../support/run-on-provider.ts';
import { softwareVulkanDrivers } from '../../support/software-vulkan.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

// Shaders are compiled and run on the processor, which others may use too.
vi.setConfig({ testTimeout: 200_000, hookTimeout: 180_000 });

const bundle = await writeTinyBundle();
const PROGRAM = fileURLToPath(new URL('../../support/run-on-provider.ts', import.meta.url));

interface Run {
  readonly driver: string;
  readonly outputs: ProviderOutputs;
}

/** The bundle's outputs on the first driver that WebGPU takes. In a process of its own: a driver may take it along. */
function runOnWebGpu(): Run | undefined {
  for (const driver of softwareVulkanDrivers()) {
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, bundle.dir, 'webgpu'], {
      encoding: 'utf8',
      timeout: 120_000,
      env: { ...process.env, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver },
    });
    if (status === 0) return { driver, outputs: JSON.parse(stdout) as ProviderOutputs };
  }
  return undefined;
}

const run = runOnWebGpu();

describe.skipIf(run === undefined)('WebGPU (needs a software Vulkan driver: Chromium, or Mesa 25)', () => {
  it('computes what the processor computes', async () => {
    const onCpu = await runOnProvider(bundle.dir, 'cpu');
    const flat = (outputs: ProviderOutputs): number[][] => [
      [...outputs.video],
      [...outputs.text],
      [...outputs.score],
      ...outputs.virtual.map((values) => [...values]),
    ];
    const wanted = flat(onCpu);
    const got = flat(run?.outputs ?? onCpu);
    expect(got.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
    const worst = Math.max(...wanted.flatMap((values, i) => values.map((x, j) => Math.abs(x - (got[i]?.[j] ?? NaN)))));
    expect(worst).toBeLessThan(1e-3);
  });

  it('is found out by the probe as no real GPU, and not taken', async () => {
    vi.stubEnv('VK_ICD_FILENAMES', run?.driver ?? '');
    vi.stubEnv('VK_DRIVER_FILES', run?.driver ?? '');
    const reports = await probeProviders(['cpu', 'webgpu'], 170_000);
    vi.unstubAllEnvs();
    expect(reports).toMatchObject([
      { provider: 'cpu', available: true },
      { provider: 'webgpu', available: true, emulated: true, reason: expect.stringContaining('not a real GPU') },
    ]);
    expect(fastest(reports)).toBe('cpu');
  });
});
