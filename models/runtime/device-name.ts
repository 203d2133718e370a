import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { DeviceInfo } from '../model.ts';

const NVIDIA_GPUS = '/proc/driver/nvidia/gpus';

/** The processor, or the GPU where its driver names it, else the provider's own name. */
export function deviceName(provider: DeviceInfo['provider']): string {
  if (provider === 'cpu') return cpus()[0]?.model.trim() ?? 'cpu';
  return nvidiaName() ?? provider;
}

function nvidiaName(): string | undefined {
  try {
    const [gpu] = readdirSync(NVIDIA_GPUS);
    if (gpu === undefined) return undefined;
    return /^Model:\s*(.+)$/m.exec(readFileSync(join(NVIDIA_GPUS, gpu, 'information'), 'utf8'))?.[1]?.trim();
  } catch {
    return undefined;
  }
}
