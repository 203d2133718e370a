import type { BenchReport, HeadsReport, SessionsReport } from './report.ts';

type Row = readonly [what: string, value: string];

/** The report as a table of lines. */
export function formatReport(report: BenchReport): string {
  const { machine, bundle, durationMs } = report;
  const pinned =
    machine.serverCore === null
      ? 'not pinned to cores'
      : `server on core ${machine.serverCore}, load on core ${machine.loadCore}`;
  const rows: Row[] = [
    ['machine', `${machine.processor}, ${machine.cores} cores, Node ${machine.node}, ${machine.platform}; ${pinned}`],
    ['bundle', `${bundle.name}@${bundle.version}`],
    ...rawRows(report),
    ...sessionsRows('server', report.sessions),
    ...sessionsRows('straightforward', report.straightforward),
    ...ratioRows(report),
    ...otherRows(report),
    ['took', `${(durationMs / 1000).toFixed(0)} s`],
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`).join('\n');
}

function rawRows({ raw }: BenchReport): Row[] {
  if (raw === undefined) return [];
  const each = Object.entries(raw.framesPerS).map(([batch, rate]) => `${rate.toFixed(0)} at batch ${batch}`);
  return [['raw encoder, one thread', `${each.join(', ')} frames/s`]];
}

function sessionsRows(name: string, found: SessionsReport | undefined): Row[] {
  if (found === undefined) return [];
  const { latencyMs, totals } = found;
  const { decimated = 0, ...others } = totals.dropped;
  const reasons = Object.entries(others).map(([reason, count]) => `${count} ${reason}`);
  return [
    [
      `${name}: sessions per core`,
      `${found.sessions} at 4 frames/s; p50 ${latencyMs.p50.toFixed(0)} ms, p95 ${latencyMs.p95.toFixed(0)} ms, ` +
        `p99 ${latencyMs.p99.toFixed(0)} ms from frame sent to result`,
    ],
    [
      `${name}: frames`,
      `${found.sentPerS.toFixed(0)}/s sent, ${found.encodedPerS.toFixed(0)}/s encoded in batches of ` +
        `${found.meanBatch.toFixed(1)}, ${found.resultsPerS.toFixed(0)} results/s; of ${totals.sent} sent ` +
        `${totals.encoded} encoded, ${decimated} decimated, ${reasons.join(', ') || 'none'} dropped ` +
        `(${percent(found.dropShare)})`,
    ],
    [
      `${name}: of raw throughput`,
      `${percent(found.encodedOfRaw)} by frames encoded, ${percent(found.sentOfRaw)} by frames sent`,
    ],
    [
      `${name}: process`,
      `${found.serverCpuMsPerFrame.toFixed(3)} ms CPU per frame, event-loop delay p99 ` +
        `${found.eventLoopDelayP99Ms.toFixed(1)} ms, ${(found.rssBytes / 2 ** 20).toFixed(0)} MiB; ` +
        `load generator at ${percent(found.generatorShare)} of its core`,
    ],
  ];
}

function ratioRows({ sessionsRatio }: BenchReport): Row[] {
  return sessionsRatio === undefined
    ? []
    : [['server / straightforward', `${sessionsRatio.toFixed(2)} times as many sessions`]];
}

function otherRows({ heads, pool, training }: BenchReport): Row[] {
  const rows: Row[] = [];
  if (heads !== undefined)
    rows.push(
      ['heads', `${heads.microsPerWindow.toFixed(1)} us per window at batch ${heads.batch}, text missing`],
      ['heads: us per virtual embedding', `${headsByBatch(heads)}; the task head included`],
    );
  if (pool !== undefined)
    rows.push([
      'inference process, full queue',
      `${percent(pool.pool.pixels.ofRaw)} of raw with pixels, ${percent(pool.pool.jpeg.ofRaw)} with JPEG; ` +
        `${pool.pool.jpeg.parentCpuMsPerFrame.toFixed(3)} ms CPU per frame in its parent`,
    ]);
  for (const [name, { stepsPerSecond, samplesPerSecond, batch }] of Object.entries(training?.models ?? {}))
    rows.push([
      `training, ${name}`,
      `${stepsPerSecond.toFixed(1)} steps/s of ${batch}, ${samplesPerSecond.toFixed(0)} samples/s, ${training?.threads} threads`,
    ]);
  return rows;
}

function headsByBatch({ microsByBatch }: HeadsReport): string {
  return Object.entries(microsByBatch)
    .map(([batch, micros]) => `${micros.toFixed(1)} at batch ${batch}`)
    .join(', ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
