import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium } from '../../server/doctor/check-chromium.ts';

const DRIVERS = '/usr/share/vulkan/icd.d';

/**
 * Manifests of Vulkan drivers that run on the processor, best first: SwiftShader, which comes with Chromium, then Mesa's
 * lavapipe, whose releases before 25 lack what WebGPU needs.
 */
export function softwareVulkanDrivers(): readonly string[] {
  const browser = findChromium();
  const folders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];
  if (browser !== undefined) folders.push(dirname(browser));
  const swiftShader = folders.map((folder) => join(folder, 'vk_swiftshader_icd.json'));
  const mesa = existsSync(DRIVERS) ? readdirSync(DRIVERS).filter((name) => name.startsWith('lvp_icd')) : [];
  return [...swiftShader, ...mesa.map((name) => join(DRIVERS, name))].filter((path) => existsSync(path));
}
