import { EXIT, UndertoneError } from '../../models/errors.ts';
import { openSession } from '../session.ts';
import { checkSettings } from '../settings.ts';
import { advance, feed, frameInterval } from './feed.ts';
import { lossesOf } from './losses.ts';
import { openRecording } from './recording.ts';
import { replayAborted } from './replay-aborted.ts';
import { columnsOf } from './report/columns.ts';
import { recordingUrl } from './report/recording-url.ts';
import { reportHtml } from './report/report-html.ts';
import { stageFolder } from './staged-folder.ts';
import { SummaryStats } from './summary-stats.ts';
import { TimelineWriter } from './timeline-writer.ts';
import { Warnings } from './warnings.ts';
import type { SentimentModel } from '../../models/model.ts';
import type { PipelineOutput } from '../frames.ts';
import type { Loss } from '../protocol/index.ts';
import type { ReplayProgress } from './feed.ts';
import type { Drop } from './losses.ts';
import type { Recording, RecordingOptions } from './recording.ts';
import type { ReplaySummary } from './summary.ts';

export interface ReplayOptions extends RecordingOptions {
  readonly model: SentimentModel;
  /** Folder for the results; made where it is missing. */
  readonly out: string;
  /** At least 1; the bundle's when absent. */
  readonly hopMs?: number | undefined;
  /** Weight of the past in the score, 0 to 0.99. */
  readonly smoothing?: number | undefined;
  /** Results also tell the scores of one modality alone and of zeros in the place of synthesis. */
  readonly counterfactuals?: boolean | undefined;
  readonly drop?: Drop | undefined;
  /** Of the losses given as a share. */
  readonly seed?: number | undefined;
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

/**
 * Predicts a recording with the pipeline of live sessions, as fast as the model allows, and writes `timeline.jsonl`
 * (one `sentiment.result` a line), `timeline.csv`, `report.html` and `summary.json` into `out`.
 *
 * There is one prediction at every multiple of the hop from one hop to the duration, that is `floor(duration / hop)`:
 * the container's duration; the last frame's time where it does not say or that is later; the end of the last caption
 * where there is no video. A video that breaks off ends where its pictures do, or with the last caption within its declared
 * duration; its results are kept, with a warning and `status: "partial"`.
 *
 * The four files appear together when everything is done. A failed or aborted replay writes none and leaves earlier
 * ones as they were.
 *
 * @throws UndertoneError `replay_aborted`, `replay_nothing`, `bad_setting`, `bad_drop`, `unknown_modality`, `out_unwritable`,
 * `out_busy` and those of reading captions and decoding video.
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { model, out, signal } = options;
  try {
    signal?.throwIfAborted();
    checkSettings(options);
    const drop = lossesOf(options.drop ?? {}, options.seed ?? 0, model.info);
    const warnings = new Warnings();
    const recording = await openRecording(options, warnings);
    const folder = await stageFolder(out);
    try {
      const files = { jsonl: await folder.create('timeline.jsonl'), csv: await folder.create('timeline.csv') };
      const reportFile = await folder.create('report.html');
      const summaryFile = await folder.create('summary.json');
      const stats = new SummaryStats(model.info);
      const timeline = new TimelineWriter(files, model.info, {
        counterfactuals: options.counterfactuals ?? false,
        onWritten: (result) => stats.add(result),
      });
      const summary = await run({ ...options, drop, warnings, recording, timeline, stats });
      const { duration_ms: durationMs, video } = summary.input;
      const columns = columnsOf(stats.moments, model.info, durationMs, summary.options.hop_ms);
      await reportFile.appendFile(reportHtml(summary, columns, recordingUrl(video, out)));
      await summaryFile.appendFile(`${JSON.stringify(summary, null, 2)}\n`);
      signal?.throwIfAborted();
      await folder.publish();
      return summary;
    } finally {
      await folder.discard();
    }
  } catch (error) {
    throw replayAborted(error, signal);
  }
}

/** What the command line ends with: 1 where results are partial. */
export function replayExitCode(summary: ReplaySummary): number {
  return summary.status === 'complete' ? EXIT.ok : EXIT.failure;
}

interface Run extends Omit<ReplayOptions, 'drop' | 'captions'> {
  readonly drop: Readonly<Record<string, Loss>>;
  readonly warnings: Warnings;
  readonly recording: Recording;
  readonly timeline: TimelineWriter;
  readonly stats: SummaryStats;
}

async function run(job: Run): Promise<ReplaySummary> {
  const { model, recording, timeline, stats, warnings, drop, seed = 0, smoothing = 0, counterfactuals = false } = job;
  const startedMs = performance.now();
  const hopMs = job.hopMs ?? model.info.hopMs;
  const frameIntervalMs = frameInterval(model.info, hopMs);
  const session = openSession(model, { mode: 'replay', hopMs, smoothing, counterfactuals, originMs: 0 });
  let fatal: UndertoneError | undefined;
  session.outputs.subscribe((output) => (fatal ??= take(output, timeline, warnings)));
  try {
    for (const [modality, loss] of Object.entries(drop)) await session.push({ kind: 'modality', modality, loss });
    const { mediaMs, durationMs, partial } = await feed(session, {
      ...job,
      info: model.info,
      frameIntervalMs,
      fatal: () => fatal,
    });
    await advance(session, mediaMs, durationMs, job, true);
    await session.finalize(durationMs);
    const wallMs = performance.now() - startedMs;
    job.onProgress?.({ mediaMs: durationMs, durationMs, predictions: timeline.count, speed: durationMs / wallMs });
    const totals = await session.close();
    if (fatal !== undefined) throw fatal;
    await timeline.finish();
    const expected = Math.floor(durationMs / hopMs);
    const { count, tooLate } = timeline;
    if (count < expected) warnings.add('predictions_missing', 'a prediction failed and has no line', expected - count);
    if (tooLate > 0) warnings.add('revision_too_late', 'a revision came after its result was written', tooLate);
    if (expected === 0) warnings.add('too_short', `the recording is shorter than one hop of ${hopMs} ms`);
    const { by_state, by_label, ...figures } = stats.summarize(durationMs, hopMs);
    return {
      format: 1,
      status: partial || count < expected ? 'partial' : 'complete',
      bundle: { name: model.info.name, version: model.info.version, sha256: model.info.sha256 },
      device: model.info.device,
      input: {
        video: recording.video?.file ?? null,
        codec: recording.video?.track.codec ?? null,
        captions: recording.captions,
        captions_source: recording.captionsSource,
        segments: recording.segments.length,
        duration_ms: durationMs,
      },
      options: { hop_ms: hopMs, frame_interval_ms: frameIntervalMs, smoothing, counterfactuals, seed, drop },
      predictions: { expected, written: count, by_state, by_label },
      totals,
      ...figures,
      warnings: warnings.list(),
      wall_ms: Math.round(wallMs),
      speed: Math.round((100 * durationMs) / wallMs) / 100,
    };
  } finally {
    await session.close();
  }
}

/** Keeps results and problems; gives the error that ends the replay, if this is one. */
function take(output: PipelineOutput, timeline: TimelineWriter, warnings: Warnings): UndertoneError | undefined {
  switch (output.type) {
    case 'sentiment.result':
      timeline.add(output);
      return undefined;
    case 'sentiment.revised':
      timeline.revise(output);
      return undefined;
    case 'warning':
    case 'error':
      if (output.fatal) return new UndertoneError(output.code, output.message);
      warnings.add(output.code, output.message);
      return undefined;
    case 'modality.state':
    case 'modality.reunion':
    case 'metrics':
    default:
      return undefined;
  }
}
