import { readBundle } from '../../models/bundle/read-bundle.ts';
import { serve } from '../../server/serve.ts';
import type { RunningServer } from '../../server/start-server.ts';
import { answerQuestions, childOptions } from './answer.ts';
import { pause } from './pause.ts';
import { usageMeter } from './usage.ts';

/** The real server with one inference process, as `undertone serve` runs it; limits per client are raised, nothing is logged, and no session waits for a resume. */
const { bundle, maxSessions } = childOptions() as { bundle: string; maxSessions: number };
const { manifest } = await readBundle(bundle);
const imageLanes = new Set(manifest.modalities.filter(({ kind }) => kind === 'image').map(({ name }) => name));
const stop = new AbortController();
let served = Promise.resolve();
const listening = new Promise<RunningServer>((resolve, reject) => {
  served = serve(
    {
      bundle,
      port: 0,
      logLevel: 'silent',
      maxConnectionsPerAddress: maxSessions + 10,
      maxConnections: maxSessions + 100,
      maxSessions: maxSessions + 10,
      resumeMs: 0,
      drainMs: 1000,
      runtime: { workers: 1, provider: 'cpu' },
      onListening: resolve,
    },
    stop.signal,
  );
  served.catch(reject);
});

answerQuestions(
  {
    ready: async () => ({ url: (await listening).url }),
    quiet: async () => {
      const server = await listening;
      while (server.counts().connections > 0 || !(await fetch(`${server.url}/readyz`)).ok) await pause(50);
    },
    usage: usageMeter(encodedFrames),
  },
  async () => {
    stop.abort();
    await served;
  },
);

/** From the histogram of batch sizes, which counts frames when their batch is done. */
async function encodedFrames(): Promise<{ encoded: number; batches: number }> {
  const { metrics } = await listening;
  const found = await metrics.registry.getMetricsAsJSON();
  const sizes = found.find(({ name }) => name === 'undertone_batch_size')?.values ?? [];
  const value = (suffix: string): number =>
    sizes
      .filter((one) => 'metricName' in one && one.metricName === `undertone_batch_size_${suffix}`)
      .filter(({ labels }) => imageLanes.has(String(labels['lane'])))
      .reduce((sum, one) => sum + one.value, 0);
  return { encoded: value('sum'), batches: value('count') };
}
