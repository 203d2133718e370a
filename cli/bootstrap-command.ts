import { Option, type Command } from 'commander';
import { findInstalled } from './find-installed.ts';
import { noteBad } from './note-bad.ts';
import { note } from './note.ts';
import { onlyWith } from './only-with.ts';
import { positiveNumber } from './options.ts';
import { print } from './print.ts';

/** `--limit` where none is given; commander's own default would hide whether one was, which means nothing without `--data`. */
const LIMIT = 200;

/** `undertone models bootstrap`. */
export function addBootstrap(models: Command): void {
  models
    .command('bootstrap')
    .description('heads for an installed foundation model before any training, from prompts; not calibrated')
    .argument('<name>', 'as `models list` shows it')
    .requiredOption('--out <folder>', 'folder of the bundle')
    .option('--data <folder>', 'data sets whose faces and texts show the gap between the modalities')
    .addOption(
      new Option('--limit <n>', `most faces and texts that are looked at for it (default: ${LIMIT})`).argParser(
        positiveNumber,
      ),
    )
    .action(async (name, { out, data, limit }) => {
      onlyWith('--data', data, { '--limit': limit });
      const { writeBootstrapBundle } = await import('../training/foundation/bootstrap-bundle.ts');
      const { sampleGap } = await import('../training/foundation/sample-gap.ts');
      const foundation = await findInstalled(name);
      const seen = data === undefined ? undefined : await sampleGap(foundation, data, limit ?? LIMIT, noteBad);
      const bundle = await writeBootstrapBundle({ foundation, out, ...(seen === undefined ? {} : { seen }) });
      note('nothing of these heads was measured against labels, and no confidence is calibrated');
      print(`bundle: ${bundle.dir}`);
    });
}
