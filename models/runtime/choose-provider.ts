import { EXIT, UndertoneError } from '../errors.ts';
import type { DeviceInfo } from '../model.ts';
import type { ProviderChoice } from './config.ts';
import { type ProviderReport, probeProviders } from './probe-providers.ts';

let probing: Promise<readonly ProviderReport[]> | undefined;

/**
 * The probe of all providers, run once per process. One that `signal` aborted is run again when it is asked for again.
 */
export async function providerReports(signal?: AbortSignal): Promise<readonly ProviderReport[]> {
  probing ??= probeProviders(undefined, undefined, signal).catch((error: unknown) => {
    probing = undefined;
    throw error;
  });
  return await probing;
}

/**
 * The provider to run on. `auto` takes the one whose probe was fastest; `cpu` is taken without a probe; any other is
 * probed alone first, because asking the runtime for one that is not there can abort the process.
 *
 * @throws UndertoneError `provider_unavailable` (exit code 3); the reason of `signal` when that aborts
 */
export async function chooseProvider(choice: ProviderChoice, signal?: AbortSignal): Promise<DeviceInfo['provider']> {
  if (choice === 'cpu') return 'cpu';
  if (choice === 'auto') return fastest(await providerReports(signal));
  const [report] = await probeProviders([choice], undefined, signal);
  if (report?.available === true) return choice;
  throw new UndertoneError(
    'provider_unavailable',
    `${choice} does not run here (${report?.reason ?? 'not probed'}); choose cpu or auto, or install its driver`,
    { exitCode: EXIT.notInstalled },
  );
}

/** The available provider with the least time; the CPU where none is. */
export function fastest(reports: readonly ProviderReport[]): DeviceInfo['provider'] {
  const ran = reports.filter(({ available, emulated }) => available && emulated !== true);
  return ran.sort((a, b) => (a.ms ?? 0) - (b.ms ?? 0))[0]?.provider ?? 'cpu';
}
