import { fastest, providerReports } from '../../models/runtime/choose-provider.ts';
import { found, lacking } from './check.ts';
import type { ProviderReport } from '../../models/runtime/probe-providers.ts';
import type { Check } from './check.ts';

const ADVICE: Record<ProviderReport['provider'], string> = {
  cpu: 'run npm ci; onnxruntime-node supports x64 and arm64 on Linux and Windows, arm64 on macOS',
  webgpu: 'install a Vulkan driver (Linux), or update the graphics driver; a virtual machine often has none',
  cuda: 'install the NVIDIA driver, CUDA 12 and cuDNN 9 on Linux x64, then run ONNXRUNTIME_NODE_INSTALL=true node node_modules/onnxruntime-node/script/install.js',
};

/**
 * Where inference can run, found out by running a small model there, and where it does run unless another provider is asked
 * for. The processor is needed, the rest is welcome.
 */
export async function checkProviders(
  probe: () => Promise<readonly ProviderReport[]> = providerReports,
): Promise<Check[]> {
  const reports = await probe();
  const taken = fastest(reports);
  return reports.map((report) => {
    const { provider, available, ms, emulated, reason } = report;
    const needed = provider === 'cpu';
    const name = `provider ${provider}`;
    if (!available || emulated === true) return lacking(name, needed, reason ?? 'does not run here', ADVICE[provider]);
    const runs = provider === taken ? '; `auto` takes it' : '';
    return found(name, needed, `a small model took ${ms?.toFixed(1) ?? '?'} ms${runs}`);
  });
}
