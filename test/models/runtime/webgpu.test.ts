import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { fastest } from '../../../models/runtime/choose-provider.ts';
import { probeProviders } from '../../../models/runtime/probe-providers.ts';
import { runOnProvider, type ProviderOutputs } from '../../support/run-on-provider.ts';
import { runOnWebGpu } from '../../support/run-on-webgpu.ts';
import { softwareVulkanDrivers } from '../../support/software-vulkan.ts';
import { writeTinyBundle } from '../../support/tiny-bundle.ts';

// Shaders are compiled and run on the processor, which others may use too.
vi.setConfig({ testTimeout: 200_000, hookTimeout: 180_000 });

const bundle = await writeTinyBundle();
const run = runOnWebGpu(bundle.dir, softwareVulkanDrivers());
const why = 'absent' in run ? `, skipped: ${run.absent}` : '';

describe.skipIf('absent' in run)(`WebGPU${why}`, () => {
  it('computes what the processor computes', async () => {
    expect(run).not.toHaveProperty('failed');
    const flat = (outputs: ProviderOutputs): number[][] => [
      [...outputs.video],
      [...outputs.text],
      [...outputs.score],
      ...outputs.virtual.map((values) => [...values]),
    ];
    const wanted = flat(await runOnProvider(bundle.dir, 'cpu'));
    const got = 'outputs' in run ? flat(run.outputs) : [];
    expect(got.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
    const worst = Math.max(...wanted.flatMap((values, i) => values.map((x, j) => Math.abs(x - (got[i]?.[j] ?? NaN)))));
    expect(worst).toBeLessThan(1e-3);
  });

  it('is found out by the probe as no real GPU, and not taken', async () => {
    const driver = 'driver' in run ? run.driver : '';
    vi.stubEnv('VK_ICD_FILENAMES', driver);
    vi.stubEnv('VK_DRIVER_FILES', driver);
    const reports = await probeProviders(['cpu', 'webgpu'], 170_000);
    vi.unstubAllEnvs();
    expect(reports).toMatchObject([
      { provider: 'cpu', available: true },
      { provider: 'webgpu', available: true, emulated: true, reason: expect.stringContaining('not a real GPU') },
    ]);
    expect(fastest(reports)).toBe('cpu');
  });
});

describe('a run on WebGPU that gives nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'undertone-webgpu-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const program = (code: string): string => {
    const path = join(folder, `${code.length}.mjs`);
    writeFileSync(path, code);
    return path;
  };

  it('is one without a device where there is no driver, or none of which WebGPU takes a device', () => {
    expect(runOnWebGpu('', [])).toEqual({ absent: expect.stringMatching(/^there is no Vulkan driver/) });
    const none = program("throw new Error('Failed to get a WebGPU adapter: No supported adapters');");
    expect(runOnWebGpu('', ['a.json', 'b.json'], none)).toEqual({
      absent: expect.stringMatching(/^WebGPU finds no device in a\.json, b\.json/),
    });
  });

  it.each([
    ['an error', "throw new Error('a shader is wrong');", /a shader is wrong/],
    ['a crash', 'process.abort();', /^ended with SIGABRT/],
  ])('is a fault where it ends with %s', (_, code, message) => {
    expect(runOnWebGpu('', ['a.json'], program(code))).toEqual({
      driver: 'a.json',
      failed: expect.stringMatching(message),
    });
  });
});
