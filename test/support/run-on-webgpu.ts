import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProviderOutputs } from './run-on-provider.ts';

const PROGRAM = fileURLToPath(new URL('./run-on-provider.ts', import.meta.url));

/** What onnxruntime says without a device that WebGPU can use, or in a build without WebGPU; everything else is a fault. */
const NO_ADAPTER = /Failed to get a WebGPU adapter|No supported adapters|\[webgpu\] backend not found/i;

/** A driver, and what a bundle gives on it or why it gives nothing; without a driver why there is none that can be used. */
export type WebGpuRun =
  | { readonly driver: string; readonly outputs: ProviderOutputs }
  | { readonly driver: string; readonly failed: string }
  | { readonly absent: string };

/**
 * A bundle's outputs on the first of some Vulkan drivers in which WebGPU finds a device. In a process of its own: a driver
 * may take it along.
 *
 * @param drivers paths of their manifests, the best first
 */
export function runOnWebGpu(dir: string, drivers: readonly string[], program = PROGRAM): WebGpuRun {
  for (const driver of drivers) {
    const { status, signal, stdout, stderr, error } = spawnSync(
      process.execPath,
      ['--import', 'tsx', program, dir, 'webgpu'],
      {
        encoding: 'utf8',
        timeout: 120_000,
        env: { ...process.env, VK_ICD_FILENAMES: driver, VK_DRIVER_FILES: driver },
      },
    );
    if (status === 0) return { driver, outputs: JSON.parse(stdout) as ProviderOutputs };
    if (!NO_ADAPTER.test(stderr))
      return { driver, failed: `${error?.message ?? `ended with ${signal ?? status}`}: ${stderr.slice(-2000)}` };
  }
  const what = drivers.length === 0 ? 'there is no' : `WebGPU finds no device in ${drivers.join(', ')}, and no other`;
  return { absent: `${what} Vulkan driver for the processor: install Chromium, or Mesa 25` };
}
