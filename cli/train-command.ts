import { Option, type Command } from 'commander';
import { DEFAULT_BUNDLE } from '../models/bundle/artifacts.ts';
import { EXIT, UndertoneError } from '../models/errors.ts';
import type { Recipe } from '../training/recipes/recipe.ts';
import type { LoopProgress } from '../training/engine/train-loop.ts';
import type { TrainPreparedOptions } from '../training/prepared/train-prepared.ts';
import type { TrainOptions } from '../training/train.ts';
import { duration } from './duration.ts';
import { findInstalled } from './find-installed.ts';
import { interruption } from './interruption.ts';
import { names } from './lists.ts';
import { note } from './note.ts';
import { onlyWith } from './only-with.ts';
import { bundleName, bundleOption, positiveNumber, wholeNumber } from './options.ts';
import { print } from './print.ts';
import { progressBar, type ProgressBar } from './progress-bar.ts';

/** What `--limit` is where it is not given: `train` tells that from one that is, which only `--foundation` takes. */
const LIMIT = 5000;

/** What `--steps` and `--name` are where they are not given, with `--prepared`. */
const STEPS = 1000;
const OWN_HEADS = 'own-heads';

/** `undertone train`. */
export function addTrain(program: Command): void {
  program
    .command('train')
    .description(
      'train a bundle, or the heads of one on clips of your own; the same command goes on where a run stopped',
    )
    .option('--recipe <name>', 'compact, or smoke for a quick try', 'compact')
    .option('--foundation <name>', 'train heads alone, for this installed foundation model')
    .addOption(
      new Option(
        '--limit <n>',
        `most samples of each data set that the foundation model encodes (default: ${LIMIT})`,
      ).argParser(positiveNumber),
    )
    .addOption(
      new Option(
        '--prepared <files>',
        'train the heads of --bundle further, on clips that `data prepare` encoded with it',
      )
        .argParser(names)
        .conflicts(['foundation', 'data', 'imagesOf', 'textsOf', 'skipBad']),
    )
    .addOption(bundleOption())
    .option('--steps <n>', `steps of training with --prepared (default: ${STEPS})`, positiveNumber)
    .option('--anew', 'with --prepared: draw the heads anew instead of starting from those of --bundle')
    .addOption(
      new Option(
        '--adapter <name>',
        'with --prepared: also fit an adapter of the text encoder to the training texts',
      ).choices(['lexical'] as const),
    )
    .option('--name <name>', `name of the bundle that --prepared makes (default: ${OWN_HEADS})`, bundleName)
    .option('--data <folder>', 'folder that holds the data sets, published or packed')
    .option('--out <folder>', 'folder of the run (default runs/RECIPE, runs/FOUNDATION or runs/NAME)')
    .option('--seed <n>', "seed (default: the recipe's)", wholeNumber)
    .option('--threads <n>', 'threads of onnxruntime', wholeNumber, 2)
    .addOption(
      new Option(
        '--images-of <bundle>',
        'keep the image encoder of this bundle, and its face finder if the recipe has not changed it',
      ).conflicts('foundation'),
    )
    .addOption(
      new Option(
        '--texts-of <bundle>',
        'keep tokenizer and text branches of this bundle, and train those that the recipe has beyond them',
      ).conflicts('foundation'),
    )
    .option('--note <text>', 'a sentence for the model card: what of this run its command alone does not tell')
    .option('--skip-bad', 'leave bad rows out instead of stopping at the first')
    .action(async ({ recipe: name, foundation, prepared, limit, out, seed, skipBad, ...given }) => {
      const { bundle, steps, anew, adapter, name: made } = given;
      onlyWith('--foundation', foundation, { '--limit': limit });
      const further = { '--steps': steps, '--anew': anew, '--adapter': adapter, '--name': made };
      onlyWith('--prepared', prepared, { '--bundle': bundle, ...further });
      const { data } = given;
      if (data === undefined && prepared === undefined)
        throw new UndertoneError('bad_usage', '--data is missing: the data sets are read from it', {
          exitCode: EXIT.usage,
        });
      const { recipeNamed } = await import('../training/recipes/index.ts');
      const known = recipeNamed(name);
      const recipe: Recipe = seed === undefined ? known : { ...known, seed };
      const bar = progressBar('{stage} {bar} {value}/{total} | loss {loss} | {rate} steps/s | {left} left');
      const encoding = progressBar('{what} {bar} {value}/{total}');
      const options = {
        ...given,
        data: data ?? '',
        recipe,
        out: out ?? `runs/${prepared === undefined ? (foundation ?? name) : (made ?? OWN_HEADS)}`,
        skipBad: skipBad ?? false,
        signal: interruption(),
        onStage: (what: string): void => {
          encoding.stop();
          bar.stop();
          note(what);
        },
        onEncoded: (what: string, done: number, total: number): void => encoding.update(done, total, { what }),
        onProgress: trainingProgress(bar),
      };
      try {
        const run = (): Promise<string> => {
          if (prepared !== undefined)
            return trainFurther({
              ...options,
              files: prepared,
              bundle,
              steps: steps ?? STEPS,
              name: made ?? OWN_HEADS,
            });
          return foundation === undefined ? trainAll(options) : trainOn(foundation, limit ?? LIMIT, options);
        };
        const folder = await run();
        bar.stop();
        print(`bundle: ${folder}`);
      } finally {
        encoding.stop();
        bar.stop();
      }
    });
}

async function trainFurther(
  options: Omit<TrainPreparedOptions, 'bundle'> & { readonly bundle: string | undefined },
): Promise<string> {
  const { readRuntimeConfig } = await import('../models/runtime/config.ts');
  const { trainPrepared } = await import('../training/prepared/train-prepared.ts');
  return trainPrepared({ ...options, bundle: options.bundle ?? readRuntimeConfig().bundle });
}

async function trainAll(options: TrainOptions): Promise<string> {
  const { train } = await import('../training/train.ts');
  return train(options);
}

async function trainOn(name: string, limit: number, options: TrainOptions): Promise<string> {
  if (name === DEFAULT_BUNDLE) {
    const kept = `--images-of ${name} --texts-of ${name}`;
    const message = `${name} is the bundled model and no foundation model; in place of --foundation, ${kept} trains its heads anew, and --prepared trains them further`;
    throw new UndertoneError('foundation_unknown', message, { exitCode: EXIT.usage });
  }
  const { trainFoundation } = await import('../training/foundation/train-foundation.ts');
  return trainFoundation({ ...options, foundation: await findInstalled(name), limit });
}

/** Shows a stage's step, loss and speed, counted from where it went on. */
function trainingProgress(bar: ProgressBar): (stage: string, progress: LoopProgress) => void {
  const started = new Map<string, { step: number; atMs: number }>();
  return (stage, { step, steps, loss }) => {
    const since = started.get(stage) ?? { step: step - 1, atMs: performance.now() };
    started.set(stage, since);
    const rate = (step - since.step) / Math.max(1e-3, (performance.now() - since.atMs) / 1000);
    bar.update(step, steps, {
      stage,
      loss: loss.toFixed(4),
      rate: rate.toFixed(1),
      left: duration((steps - step) / rate),
    });
  };
}
