import { Command, CommanderError, Option } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { interruption } from './cli/interruption.ts';
import { addEval } from './cli/eval-command.ts';
import { addHeads } from './cli/heads-command.ts';
import { addModelsCommand } from './cli/models-command.ts';
import { note } from './cli/note.ts';
import { names } from './cli/lists.ts';
import { bundleOption, collectRates, positiveNumber, smoothingWeight, wholeNumber } from './cli/options.ts';
import { print } from './cli/print.ts';
import { progressBar } from './cli/progress-bar.ts';
import { addData } from './cli/data-command.ts';
import { addTrain } from './cli/train-command.ts';
import { addSweep } from './cli/sweep-command.ts';
import { watchOutput } from './cli/watch-output.ts';
import { EXIT, UndertoneError } from './models/errors.ts';
import type { RuntimeEvent } from './models/runtime/runtime-events.ts';

/**
 * The command line. Each verb is imported when it is used, so that `--help` and short verbs start at once.
 *
 * Exit status: 0 done, 1 failed, 2 usage, 3 something is not installed. Errors are one line on stderr.
 */
const program = new Command('undertone')
  .description('Live sentiment from video and captions that keeps working when either stream drops.')
  .version(version(), '--version')
  .configureHelp({ showGlobalOptions: true })
  .configureOutput({ outputError: () => {} })
  .exitOverride();

program
  .command('serve')
  .description('serve the page and the live streams')
  .option('--host <address>', 'address to listen on (default 127.0.0.1, or UNDERTONE_HOST)')
  .option('--port <n>', 'port to listen on (default 8080, or UNDERTONE_PORT)', wholeNumber)
  .addOption(bundleOption())
  .option('--shadow <name>', 'a second bundle to compare with: sees every session, its agreement is in `metrics`')
  .option('--workers <n>', 'inference processes (default: one per core)', wholeNumber)
  .addOption(new Option('--provider <name>', 'execution provider').choices(['auto', 'cpu', 'webgpu', 'cuda']))
  .action(async ({ host, port, bundle, shadow, workers, provider }) => {
    const { serve } = await import('./server/serve.ts');
    await serve({
      host,
      port,
      bundle,
      shadow,
      runtime: { ...(workers === undefined ? {} : { workers }), ...(provider === undefined ? {} : { provider }) },
      // Not on stdout, which has the log's JSON lines alone.
      onListening: ({ url }) => process.stderr.write(`Undertone is at ${url}\n`),
    });
  });

program
  .command('replay')
  .description('run a recording and its captions through the pipeline')
  .argument('<video>', 'video file; or a .vtt or .srt file alone')
  .option(
    '--captions <file>',
    '.vtt or .srt file; without it a text track in the video: not a forced one, the default first',
  )
  .option('--language <code>', 'which of the text tracks in the video, like de, ger or deu; not beside --captions')
  .requiredOption('--out <folder>', 'where report.html, timeline.csv, timeline.jsonl and summary.json are written')
  .addOption(
    new Option('--drop <modality=share>', 'loses a share of a modality, 0 to 1; repeatable')
      .argParser(collectRates)
      .default({}, 'nothing'),
  )
  .option('--seed <n>', 'seed of the losses', wholeNumber, 0)
  .option('--hop <ms>', "media time between predictions (default: the bundle's)", positiveNumber)
  .option('--smoothing <weight>', 'weight of the past in the score, 0 to 0.99', smoothingWeight)
  .option('--counterfactuals', 'also the scores of one modality alone, and of zeros instead of synthesis')
  .addOption(bundleOption())
  .option('--json', 'print the summary as JSON')
  .action(async (video, { captions, language, out, drop, seed, hop, smoothing, counterfactuals, bundle, json }) => {
    const signal = interruption();
    const { readRecordingConfig } = await import('./models/runtime/config.ts');
    const { loadModel } = await import('./models/runtime/load-model.ts');
    const { replay, replayExitCode } = await import('./pipeline/replay/replay.ts');
    const { replayAborted } = await import('./pipeline/replay/replay-aborted.ts');
    const { formatSummary } = await import('./pipeline/replay/format-summary.ts');
    const config = readRecordingConfig(undefined, { bundle });
    const model = await loadModel({ ...config, signal, onEvent: tellNotice }).catch((error: unknown) => {
      throw replayAborted(error, signal);
    });
    const bar = progressBar('replaying {bar} {percentage}% | {media} | {speed}x real time');
    try {
      const summary = await replay({
        video,
        captions,
        language,
        out,
        model,
        drop,
        seed,
        hopMs: hop,
        smoothing,
        counterfactuals,
        signal,
        onProgress: ({ mediaMs, durationMs, speed }) =>
          bar.update(mediaMs, durationMs ?? Infinity, {
            media: `${(mediaMs / 1000).toFixed(1)} s`,
            speed: speed.toFixed(1),
          }),
      });
      bar.stop();
      print(json ? JSON.stringify(summary, null, 2) : formatSummary(summary));
      process.exitCode = replayExitCode(summary);
    } finally {
      bar.stop();
      await model.close();
    }
  });

addTrain(program);

addEval(program);
addModelsCommand(program);
addHeads(program);
addSweep(program);
addData(program);

program
  .command('bench')
  .description('measure speed, as ratios against named baselines of the same run (in a clone)')
  .option('--quick', 'shorter, less exact')
  .option('--json <file>', 'also write the report as JSON')
  .option('--only <parts>', 'parts to run, separated by commas (default: all)', names)
  .addOption(bundleOption())
  .action(async ({ quick, json, only, bundle }) => {
    if (!existsSync(new URL('./test/bench', import.meta.url))) {
      const message = 'the benchmark is no part of the package: `npm run bench` in a clone';
      throw new UndertoneError('bench_unavailable', message, { exitCode: EXIT.notInstalled });
    }
    const { bench } = await import('./test/bench/run.ts');
    await bench({
      quick: quick ?? false,
      ...(json === undefined ? {} : { json }),
      ...(only === undefined ? {} : { only }),
      ...(bundle === undefined ? {} : { bundle }),
    });
  });

program
  .command('doctor')
  .description('what this machine has: Node, ffmpeg, execution providers, the bundle; and how to get what is missing')
  .option('--json', 'print the report as JSON')
  .action(async ({ json }) => {
    const { doctor, formatDoctor } = await import('./server/doctor/doctor.ts');
    const report = await doctor();
    print(json ? JSON.stringify(report, null, 2) : formatDoctor(report));
    if (!report.ok) process.exitCode = EXIT.notInstalled;
  });

watchOutput();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = fail(error);
}

function tellNotice(event: RuntimeEvent): void {
  if (event.type === 'notice') note(`${event.message} (${event.code})`);
}

function fail(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // A verb without its sub-verb shows its help, which says it all.
    return error.code === 'commander.help' ? EXIT.usage : fail(usageError(error));
  }
  if (error instanceof UndertoneError) {
    note(`${error.message} (${error.code})`);
    return error.exitCode;
  }
  if (error instanceof Error && error.name === 'AbortError') {
    note('interrupted');
    return EXIT.failure;
  }
  note(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.failure;
}

/** What the parser refused, in one line: it puts its suggestion on a second one. */
function usageError({ message }: CommanderError): UndertoneError {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new UndertoneError('bad_usage', text, { exitCode: EXIT.usage });
}

function version(): string {
  for (const path of ['./package.json', '../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
