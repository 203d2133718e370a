import type { ByBatch, ProviderMeasure } from './providers.ts';
import type { BenchReport, SessionsReport, SoakReport } from './report.ts';
import type { Slope } from './slope.ts';

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
    ...overloadRows(report),
    ...sessionsRows('straightforward', report.straightforward),
    ...ratioRows(report),
    ...vitRows(report),
    ...soakRows(report),
    ...otherRows(report),
    ...(report.providers ?? []).flatMap(providerRows),
    ['took', `${(durationMs / 1000).toFixed(0)} s`],
  ];
  const width = Math.max(...rows.map(([what]) => what.length));
  return rows.map(([what, value]) => `${what.padEnd(width)}  ${value}`).join('\n');
}

function rawRows({ raw }: BenchReport): Row[] {
  if (raw === undefined) return [];
  return [['raw encoder, one thread', `${byBatch(raw.framesPerS, 0)} frames/s`]];
}

function sessionsRows(name: string, found: SessionsReport | undefined): Row[] {
  if (found === undefined) return [];
  const { latencyMs, totals } = found;
  const { decimated = 0, ...others } = totals.dropped;
  const inference = found.inferenceCpuMsPerFrame;
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
      `${found.serverCpuMsPerFrame.toFixed(3)} ms CPU per frame${inference ? `, ${inference.toFixed(3)} in the inference process` : ''}; event-loop delay p99 ` +
        `${found.eventLoopDelayP99Ms.toFixed(1)} ms, ${(found.rssBytes / 2 ** 20).toFixed(0)} MiB; ` +
        `load generator at ${percent(found.generatorShare)} of its core`,
    ],
  ];
}

function overloadRows({ overload }: BenchReport): Row[] {
  if (overload === undefined) return [];
  const { sessions, latencyMs, resultMs, resultsPerSPerSession: each, encodedShare, totals } = overload;
  const dropped = Object.values(totals.dropped).reduce((sum, count) => sum + count, 0);
  return [
    [
      'overload: twice the sessions',
      `${sessions}; p50 ${resultMs.p50.toFixed(0)} ms, p95 ${resultMs.p95.toFixed(0)} ms from frame sent to a result, ` +
        `${latencyMs.p50.toFixed(0)} and ${latencyMs.p95.toFixed(0)} ms to one that saw it or a later one; results a second and ` +
        `session ${each.mean.toFixed(2)}, the fewest ${each.least.toFixed(2)}; ${totals.lost} sessions lost`,
    ],
    [
      'overload: frames',
      `${percent(encodedShare)} encoded; of ${totals.received} received ${totals.encoded} encoded, ${dropped} dropped, ` +
        `${totals.inFlight} in flight at the end; ${totals.captionsTaken} of ${totals.captionsSent} captions taken; ` +
        memory(overload),
    ],
  ];
}

function vitRows({ vit }: BenchReport): Row[] {
  if (vit === undefined) return [];
  const { raw, sessions } = vit;
  return [
    ['ViT-B/32 int8: raw encoder', `${byBatch(raw.framesPerS, 1)} frames/s`],
    [
      'ViT-B/32 int8: sessions per core',
      `${sessions.sessions} at 4 frames/s; p50 ${sessions.latencyMs.p50.toFixed(0)} ms, p95 ` +
        `${sessions.latencyMs.p95.toFixed(0)} ms; ${percent(sessions.encodedOfRaw)} of raw by frames encoded`,
    ],
  ];
}

function soakRows({ soak }: BenchReport): Row[] {
  if (soak === undefined) return [];
  const { sessions, seconds, mediaHours, latencyMs, totals } = soak;
  return [
    [
      'soak',
      `${sessions} sessions for ${seconds.toFixed(0)} s, ${mediaHours.toFixed(2)} h of media; p95 ` +
        `${latencyMs.p95.toFixed(0)} ms, ${totals.lost} lost; ${memory(soak)}`,
    ],
  ];
}

function memory({ rss, heap, liveHeap }: Pick<SoakReport, 'rss' | 'heap' | 'liveHeap'>): string {
  const slopes = `resident memory ${megabytesPerMinute(rss)}, heap ${megabytesPerMinute(heap)}`;
  if (liveHeap === undefined) return slopes;
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `${slopes}; after a full collection ${mib(liveHeap.beganBytes)} MiB at the start, ${mib(liveHeap.endedBytes)} at the end`;
}

/** With one standard error. */
function megabytesPerMinute({ perS, error }: Slope): string {
  const mb = (value: number): string => ((60 * value) / 2 ** 20).toFixed(2);
  return `${mb(perS)} +- ${mb(error)} MiB/min`;
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
      [
        'heads',
        `${heads.microsPerWindow.toFixed(1)} us per window at batch ${heads.batch}, text missing; ` +
          `${heads.microsWithGaps.toFixed(1)} with every second frame missing, too`,
      ],
      ['heads: us per window', `${byBatch(heads.microsByBatch, 1)}; text missing`],
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

function providerRows({ provider, device, ...found }: ProviderMeasure): Row[] {
  const rows: Row[] = [
    [`${provider}: device`, `${device}${provider === 'cpu' ? ', one thread' : ''}`],
    [`${provider}: image encoder`, `${byBatch(found.framesPerS, 0)} frames/s`],
    [`${provider}: text encoder`, `${byBatch(found.textsPerS, 0)} texts/s`],
    [`${provider}: heads`, `${byBatch(found.headsMicros, 1)} us per window`],
    [`${provider}: ViT-B/32 float32`, `${byBatch(found.vitFramesPerS, 1)} frames/s`],
  ];
  if (provider !== 'cpu')
    rows.push([
      `${provider}: beside the processor`,
      `least cosine ${found.leastCosine.toFixed(6)}, greatest difference of a score ${found.greatestScoreDifference.toExponential(1)}`,
    ]);
  return rows;
}

function byBatch(values: ByBatch, digits: number): string {
  return Object.entries(values)
    .map(([batch, value]) => `${value.toFixed(digits)} at batch ${batch}`)
    .join(', ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
