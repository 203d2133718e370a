import { Option, type Command } from 'commander';
import { EXIT, UndertoneError } from '../models/errors.ts';
import { duration } from './duration.ts';
import { interruption } from './interruption.ts';
import { fractions, names, namesOf, pair, part, wholeNumbers } from './lists.ts';
import { note } from './note.ts';
import { onlyWith } from './only-with.ts';
import { bundleOption, positiveNumber } from './options.ts';
import { print } from './print.ts';
import { progressBar } from './progress-bar.ts';
import { runParts } from './run-parts.ts';

/** What these options are where they are not given: those that are given are told from it, as they may change nothing. */
const TRAIN_CLIPS = 12_000;
const TEST_CLIPS = 3000;
const JOBS = 1;
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
    .option('--train-clips <n>', `composed clips to train on (default: ${TRAIN_CLIPS})`, positiveNumber)
    .option('--test-clips <n>', `composed clips to test on (default: ${TEST_CLIPS})`, positiveNumber)
    .addOption(
      new Option('--adapter <name>', 'fit an adapter of the text encoder to the training texts of each fold').choices([
        'lexical',
      ] as const),
    )
    .option('--jobs <n>', `processes at once (default: ${JOBS})`, positiveNumber)
    .option('--part <i/n>', 'run only this part of the work, without a report', part)
    .option('--pairs <images,texts>', 'NumPy matrices of another space, to train the inference heads on', pair)
    .option('--skip-bad', 'leave bad rows out instead of stopping at the first')
    .addOption(bundleOption())
    .option('--json', 'print the report as JSON')
    .action(async (options) => {
      const signal = interruption();
      const { isPrepared } = await import('../training/prepare/is-prepared.ts');
      if (options.data === undefined && !options.sets.every(isPrepared))
        throw new UndertoneError('bad_usage', '--data is missing: all sets but prepared files are read from it', {
          exitCode: EXIT.usage,
        });
      // A part that another process began has the options of the whole, which were looked at there.
      if (options.part === undefined || !process.connected) refuseIdle(options, isPrepared);
      const { loadLocalModel } = await import('../models/runtime/load-local-model.ts');
      const { findBundle } = await import('../models/bundle/find-bundle.ts');
      const { readBundle } = await import('../models/bundle/read-bundle.ts');
      const { readRuntimeConfig } = await import('../models/runtime/config.ts');
      const { compact } = await import('../training/recipes/compact.ts');
      const { encodersSaw } = await import('../training/prepared/encoders-saw.ts');
      const { runSweep } = await import('../training/sweep/run-sweep.ts');
      const { bundle = readRuntimeConfig().bundle, json, steps, batch } = options;
      const { jobs = JOBS, trainClips = TRAIN_CLIPS, testClips = TEST_CLIPS } = options;
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

interface Idle {
  readonly sets: readonly string[];
  readonly phases: readonly string[];
  readonly part?: unknown;
  readonly split?: unknown;
  readonly trainClips?: unknown;
  readonly testClips?: unknown;
  readonly trainingRates?: unknown;
  readonly jobs?: unknown;
  readonly pairs?: unknown;
}

/** @throws UndertoneError `bad_setting` for an option that would change nothing of this sweep */
function refuseIdle({ sets, phases, ...given }: Idle, isPrepared: (set: string) => boolean): void {
  const { split, trainClips, testClips, trainingRates, jobs, pairs } = given;
  onlyWith('prepared sets', sets.find(isPrepared), { '--split': split });
  onlyWith(
    'the set composed',
    sets.find((set) => set === 'composed'),
    {
      '--train-clips': trainClips,
      '--test-clips': testClips,
    },
  );
  onlyWith(
    'the phase training',
    phases.find((phase) => phase === 'training'),
    { '--training-rates': trainingRates },
  );
  onlyWith('sweeps without --part', given.part === undefined ? 'whole' : undefined, {
    '--jobs': jobs,
    '--pairs': pairs,
  });
}
