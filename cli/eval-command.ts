import { Option, type Command } from 'commander';
import { EXIT, UndertoneError } from '../models/errors.ts';
import type { EvaluateOptions } from '../training/evaluation/evaluate.ts';
import { interruption } from './interruption.ts';
import { noteBad } from './note-bad.ts';
import { note } from './note.ts';
import { onlyWith } from './only-with.ts';
import { bundleOption, collectRates, collectText, fraction, wholeNumber } from './options.ts';
import { print } from './print.ts';
import { progressBar } from './progress-bar.ts';

/** `undertone eval`. */
export function addEval(program: Command): void {
  program
    .command('eval')
    .description('evaluate a bundle on a data set, or several side by side; prints metrics beside a trivial baseline')
    .requiredOption(
      '--dataset <name>',
      'fer2013, muxspace, goemotions, sst, sst2, sst5, mosi, mosei, meld, mvsa, or clips for a folder with a manifest.jsonl; composed clips: composed; where faces are: pictures; or a file that `data prepare` made',
    )
    .option(
      '--data <folder>',
      "the data set's folder, published or packed, or one that holds it; a prepared file needs none",
    )
    .requiredOption('--split <name>', 'any split that the folder or the file holds')
    .addOption(
      new Option('--missing <modality=share>', 'share of samples that lack a modality; repeatable')
        .argParser(collectRates)
        .default({}, 'nothing'),
    )
    .addOption(
      new Option(
        '--missing-level <level>',
        'with --missing: lose whole samples, or single slots (default: sample)',
      ).choices(['sample', 'slot'] as const),
    )
    .option('--seed <n>', 'seed of what is missing or misheard', wholeNumber, 0)
    .option('--face-height <share>', 'show faces at this share of the height of a 640x480 frame', fraction)
    .option(
      '--backgrounds <name>',
      'with --face-height: data set whose pictures stand behind these faces, else drawn ones; mvsa',
    )
    .option(
      '--spoken <share>',
      'texts as a speech recogniser puts them down: lower case, no punctuation, this share of the words that sound like others misheard',
      fraction,
    )
    .option('--skip-bad', 'leave bad rows out instead of stopping at the first')
    .addOption(bundleOption('; repeatable').argParser(collectText))
    .option('--foundation <name>', 'heads for this foundation model, or undertone-compact; repeatable', collectText)
    .option('--json', 'print one line of JSON')
    .action(async ({ bundle = [], foundation = [], json, skipBad, data, ...rest }) => {
      const { missing, missingLevel } = rest;
      onlyWith('--missing', Object.keys(missing)[0], { '--missing-level': missingLevel });
      const signal = interruption();
      const { isPrepared } = await import('../training/prepare/is-prepared.ts');
      if (data === undefined && !isPrepared(rest.dataset))
        throw new UndertoneError('bad_usage', '--data is missing: all but prepared files are read from it', {
          exitCode: EXIT.usage,
        });
      const { bundleOfFoundation } = await import('../training/evaluation/bundle-of-foundation.ts');
      const bundles = [...bundle, ...foundation.map((name: string) => bundleOfFoundation(name))];
      const options = { ...rest, data: data ?? '', skipBad: skipBad ?? false, onBad: noteBad, signal };
      await (bundles.length > 1 ? compare(bundles, options, json) : evaluateOne(bundles[0], options, json));
    });
}

type Options = Omit<EvaluateOptions, 'model' | 'onProgress'>;

async function evaluateOne(bundle: string | undefined, options: Options, json: boolean | undefined): Promise<void> {
  const { loadLocalModel } = await import('../models/runtime/load-local-model.ts');
  const { evaluateNamed } = await import('../training/evaluation/evaluate-named.ts');
  const { signal } = options;
  const model = await loadLocalModel(bundle === undefined ? { signal } : { bundle, signal });
  const bar = progressBar('evaluating {bar} {value}/{total}');
  try {
    const onProgress = (done: number, total: number): void => bar.update(done, total, {});
    const { missing = {}, ...rest } = options;
    const [result] = await evaluateNamed({ ...rest, model, onProgress }, [missing]);
    bar.stop();
    print(json ? JSON.stringify(result) : JSON.stringify(result, null, 2));
    noteClips(result);
    noteTrained(result?.bundle.name, result);
  } finally {
    bar.stop();
    await model.close();
  }
}

async function compare(bundles: readonly string[], options: Options, json: boolean | undefined): Promise<void> {
  const { compareBundles, formatComparison } = await import('../training/evaluation/compare-bundles.ts');
  const bar = progressBar('evaluating {name} {bar} {value}/{total}');
  try {
    const comparison = await compareBundles({
      ...options,
      bundles,
      onProgress: (name, done, total) => bar.update(done, total, { name }),
    });
    bar.stop();
    print(json ? JSON.stringify(comparison) : formatComparison(comparison));
    noteClips(comparison);
    for (const row of comparison.rows.slice(0, bundles.length)) noteTrained(row.bundle, row);
  } finally {
    bar.stop();
  }
}

function noteTrained(bundle = '', of: { readonly n?: number; readonly trained_on?: number } = {}): void {
  if (of.trained_on === undefined) return;
  note(`${bundle} was trained on ${of.trained_on} of these ${of.n} clips, so its figures flatter it`);
}

function noteClips(of: { readonly clips_not_read?: number; readonly held_out_of?: string } = {}): void {
  if (of.held_out_of !== undefined)
    note(
      `the file has no validation split: these are the clips of ${of.held_out_of} that train --prepared holds out, told by a hash`,
    );
  if (of.clips_not_read === undefined) return;
  note(
    `${of.clips_not_read} clips were not read, so their video counts as missing; eval reads them in the file that data prepare makes`,
  );
}
