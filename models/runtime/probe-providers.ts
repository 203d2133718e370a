import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { DeviceInfo } from '../model.ts';
import { childArguments } from './child-program.ts';
import { lastLine } from './last-line.ts';
import { onMessages, sendMessage } from './message-stream.ts';
import { oneLine } from './one-line.ts';

type Provider = DeviceInfo['provider'];

export interface ProviderReport {
  readonly provider: Provider;
  /** The probe's model ran on it. */
  readonly available: boolean;
  /** Milliseconds of the fastest run. */
  readonly ms?: number;
  /** It ran, but no faster than one core of the processor: most likely a GPU that is emulated there. */
  readonly emulated?: boolean;
  /** Why it is not available, or not worth using; one line. */
  readonly reason?: string;
}

export const PROVIDERS: readonly Provider[] = ['cpu', 'webgpu', 'cuda'];

/** A driver may take seconds to compile its first shaders; one that hangs is stopped after this. */
const TIME_LIMIT_MS = 20_000;

/**
 * Runs a small real model on each provider, each in a throw-away process with a time limit, one after the other so that
 * they do not disturb each other's time. Never rejects for what a provider does, only with the reason of `signal`, the process
 * being ended.
 *
 * Asking the runtime for a provider that is not there throws or aborts the process, and a software adapter (lavapipe,
 * SwiftShader) looks like a GPU: only running tells.
 */
export async function probeProviders(
  providers: readonly Provider[] = PROVIDERS,
  timeLimitMs: number = TIME_LIMIT_MS,
  signal?: AbortSignal,
): Promise<readonly ProviderReport[]> {
  const { probeModel } = await import('./probe-model.ts');
  const model = probeModel();
  const reports: ProviderReport[] = [];
  for (const provider of providers) {
    signal?.throwIfAborted();
    reports.push(await probe(provider, model, timeLimitMs, signal));
  }
  signal?.throwIfAborted();
  const cpuMs = reports.find(({ provider }) => provider === 'cpu')?.ms;
  return reports.map((report) => {
    if (report.provider === 'cpu' || report.ms === undefined || cpuMs === undefined || report.ms < cpuMs) return report;
    const reason = `no faster than one core (${report.ms.toFixed(1)} ms, the core ${cpuMs.toFixed(1)} ms): not a real GPU`;
    return { ...report, emulated: true, reason };
  });
}

async function probe(
  provider: Provider,
  model: Uint8Array,
  timeLimitMs: number,
  signal: AbortSignal | undefined,
): Promise<ProviderReport> {
  const child = spawn(process.execPath, childArguments('probe-entry', import.meta.url), {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    killSignal: 'SIGKILL',
    ...(signal === undefined ? {} : { signal }),
  });
  const said = lastLine(child.stderr);
  try {
    return await new Promise<ProviderReport>((resolve) => {
      const unavailable = (reason: string): void => resolve({ provider, available: false, reason: oneLine(reason) });
      const timer = setTimeout(() => unavailable(`it did not finish within ${timeLimitMs} ms`), timeLimitMs);
      child.once('error', (error) => {
        clearTimeout(timer);
        unavailable(error.message);
      });
      // Without a free file descriptor there are no pipes, and 'error' tells.
      const pipe = (child.stdio as typeof child.stdio | undefined)?.[3] as Duplex | undefined;
      if (pipe === undefined) return;
      pipe.on('error', () => undefined);
      onMessages(pipe, ({ header }) => {
        clearTimeout(timer);
        const { ms, reason } = header as { ms?: number; reason?: string };
        if (ms === undefined) unavailable(reason ?? 'unknown');
        else resolve({ provider, available: true, ms });
      });
      child.once('exit', (code, killed) => {
        clearTimeout(timer);
        unavailable(`its process ended (${killed ?? `status ${code}`}) ${said()}`);
      });
      sendMessage(pipe, { provider }, [model]);
    });
  } finally {
    child.kill('SIGKILL');
  }
}
