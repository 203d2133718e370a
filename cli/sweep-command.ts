import { Option, type Command } from 'commander';
import { EXIT, UndertoneError } from '../models/errors.ts';
import { duration } from './duration.ts';
import { interruption } from './interruption.ts';
import { fractions, names, namesOf, pair, part, wholeNumbers } from './lists.ts';
import { note } from './note.ts';
import { bundleOption, positiveNumber } from './options.ts';
import { print } from './print.ts';
import { progressBar } from './progress-bar.ts';
import { runParts } from './run-parts.ts';

const RATES = '0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.95,0.99,1';

/** `undertone sweep`. */
export function addSweep(program: Command): void {
  program
    .command('sweep')
    .description('measure TRML and its baselines as more and more is missing; goes on where it stopped')
    .option('--data <folder>', 'folder that holds the data sets; prepared files need none')
    .option('--out <folder>', 'results, embeddings and the report', 'runs/sweep')
    .option('--sets <names>', 'composed, mvsa, or files that `data prepare` made', names, ['composed', 'mvsa'])
    .option('--split <name>', 'split of prepared sets to test on (default: the validation split)')
    .addOption(new Option('--preset <name>', 'what is compared').choices(['methods', 'ablations']).default('methods'))
    .option('--methods <names>', "only these of the preset's", names)
    .option('--rates <shares>', 'shares that are missing', fractions, fractions(RATES))
    .option('--training-rates <shares>', 'those at which training lacks data too (default: --rates)', fractions)
    .option('--seeds <numbers>', 'seeds', wholeNumbers, [1111, 1112, 1113, 1114, 1115])
    .option('--levels <names>', 'sample, frame', namesOf('sample', 'frame'), ['sample', 'frame'])
    .option(
      '--phases <names>',
      'testing, training: missing in testing only, or in training too',
      namesOf('testing', 'training'),
      ['testing', 'training'],
    )
    .option('--steps <n>', 'steps of each training', positiveNumber, 300)
    .option('--batch <n>', 'clips of a step', positiveNumber, 64)
    .option('--train-clips <n>', 'composed clips to train on', positiveNumber, 12_000)
    .option('--test-clips <n>', 'composed clips to test on', positiveNumber, 3000)
    .addOption(
      new Option('--adapter <name>', 'fit an adapter of the text encoder to the training texts of each fold').choices([
        'lexical',
      ] as const),
    )
    .option('--jobs <n>', 'processes at once', positiveNumber, 1)
    .option('--part <i/n>', 'run only this part of the work, without a report', part)
    .option('--pairs <images,texts>', 'NumPy matrices of another space, to train the inference heads on', pair)
    .option('--skip-bad', 'leave bad rows out instead of stopping at the first')
    .addOption(bundleOption())
    .option('--json', 'print the report as JSON')
    .action(async (options) => {
      const signal = interruption();
      const { loadLocalModel } = await import('../models/runtime/load-local-model.ts');
      const { findBundle } = await import('../models/bundle/find-bundle.ts');
      const { readBundle } = await import('../models/bundle/read-bundle.ts');
      const { readRuntimeConfig } = await import('../models/runtime/config.ts');
      const { compact } = await import('../training/recipes/compact.ts');
      const { encodersSaw } = await import('../training/prepared/encoders-saw.ts');
      const { isPrepared } = await import('../training/prepare/is-prepared.ts');
      const { runSweep } = await import('../training/sweep/run-sweep.ts');
      if (options.data === undefined && !options.sets.every(isPrepared))
        throw new UndertoneError('bad_usage', '--data is missing: all sets but prepared files are read from it', {
          exitCode: EXIT.usage,
        });
      const { bundle = readRuntimeConfig().bundle, jobs, json, trainClips, testClips, steps, batch } = options;
      const { manifest } = await readBundle(findBundle(bundle), signal);
      const model = await loadLocalModel({ bundle, signal });
      const bar = progressBar('{what} {bar} {value}/{total} | {left} left');
      let since = { what: '', done: 0, atMs: performance.now() };
      try {
        const { files, report } = await runSweep({
          ...options,
          data: options.data ?? '',
          model,
          recipe: compact,
          encodersSaw: encodersSaw(manifest),
          budget: { steps, batch, threads: 1 },
          clips: { train: trainClips, test: testClips },
          signal,
          onPlanned: (set) =>
            jobs > 1 && options.part === undefined ? runParts(jobs, ['--sets', set], signal) : undefined,
          onStage: (what) => {
            bar.stop();
            if (options.part === undefined) note(what);
          },
          onProgress: (what, done, total) => {
            if (options.part !== undefined) return;
            const kind = what.split(' ')[0] ?? '';
            if (since.what !== kind) since = { what: kind, done, atMs: performance.now() };
            const rate = (done - since.done) / ((performance.now() - since.atMs) / 1000);
            bar.update(done, total, { what, left: duration((total - done) / rate) });
          },
        });
        bar.stop();
        if (report === undefined) note(`part ${(options.part?.index ?? 0) + 1} is done`);
        else print(json ? JSON.stringify(report) : `report: ${files.join(', ')}`);
      } finally {
        bar.stop();
        await model.close();
      }
    });
}
