import { Option, type Command } from 'commander';
import type { FoundationConfig } from '../models/foundation/config.ts';
import { bytes } from './bytes.ts';
import { interruption } from './interruption.ts';
import { note } from './note.ts';
import { onlyWith } from './only-with.ts';
import { print } from './print.ts';
import { precisionOption } from './precision-option.ts';
import { progressBar } from './progress-bar.ts';
import { addBootstrap } from './bootstrap-command.ts';
import { addRewriteCommands } from './rewrite-commands.ts';

/** `undertone models ...`: bundles and foundation models on this machine. */
export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('bundles and foundation models on this machine');
  models
    .command('list')
    .description('bundles, installed foundation models, and those that can be pulled')
    .option('--json', 'print one line of JSON')
    .action(async ({ json }) => {
      const { listBundles } = await import('../models/bundle/list-bundles.ts');
      const { formatModels, listModels } = await import('./list-models.ts');
      const listed = { bundles: listBundles(), ...listModels() };
      print(json ? JSON.stringify(listed) : formatModels(listed));
    });
  models
    .command('pull')
    .description('download, check and install a foundation model; goes on where it was interrupted')
    .argument('<name>', 'as `models list` shows it')
    .option('--variant <form>', 'form of the weights: float32, int8', 'float32')
    .addOption(new Option('--revision <name>', 'commit, branch or tag in place of the pinned one').conflicts('from'))
    .option('--from <folder>', 'take the files from a folder, as after a conversion; their content is the revision')
    .option('--accept-licence', 'accept the licence, where it must be')
    .option('--offline', 'ask nothing of the network')
    .option('--no-rewrite', 'use the image encoder as published, not rewritten for a processor')
    .addOption(precisionOption().conflicts('rewrite'))
    .action(async (name, { variant, revision, from, acceptLicence, offline, rewrite, precision }, command) => {
      const asks = (option: string): boolean => command.getOptionValueSource(option) === 'cli';
      onlyWith('--variant float32', variant === 'float32' ? variant : undefined, {
        '--precision': asks('precision') ? precision : undefined,
      });
      const { pullFoundation } = await import('../models/foundation/pull.ts');
      const { readFoundationConfig } = await import('../models/foundation/config.ts');
      const { catalogueEntry, readCatalogue } = await import('../models/foundation/catalogue.ts');
      const { rewritePulled } = await import('../models/foundation/rewrite-pulled.ts');
      const { formatRewrite } = await import('../models/foundation/rewrite/format-rewrite.ts');
      const config = readFoundationConfig();
      const { licence, title, unconfirmed } = catalogueEntry(name, readCatalogue(config.catalogue));
      note(`${title}: licence ${licence.id}, ${licence.url}. ${licence.note}`);
      for (const what of unconfirmed) note(`not confirmed: ${what}`);
      const signal = interruption();
      let coming: string | undefined;
      const bar = progressBar('pulling {bar} {percentage}% | {done} of {all} | {file}');
      try {
        const { foundation, fresh } = await pullFoundation(name, {
          variant,
          revision,
          from,
          acceptLicence: acceptLicence ?? false,
          offline: offline ?? false,
          config,
          ...(rewrite && variant === 'float32'
            ? {
                transform: rewritePulled({
                  precision,
                  signal,
                  onReport: (report) => note(formatRewrite(report).replaceAll('\n', '; ')),
                  onSkip: (reason) => note(`not rewritten: ${reason}`),
                }),
              }
            : {}),
          signal,
          onWait: () => note(waits(name)),
          onProgress: ({ file, fileBytes, bytes: done, totalBytes }) => {
            // The bar is silent in a log, where many minutes would say nothing.
            if (!process.stderr.isTTY && file !== coming) note(`pulling ${file}, ${bytes(fileBytes)}`);
            coming = file;
            bar.update(done, totalBytes, { file, done: bytes(done), all: bytes(totalBytes) });
          },
        });
        bar.stop();
        const { manifest, dir } = foundation;
        if (!fresh && (asks('precision') || asks('rewrite')))
          note(
            `its image encoder stays as it was installed; \`undertone models remove ${name}\` and pull again to change it`,
          );
        print(
          `${name} (${manifest.variant}, revision ${manifest.revision}) ${fresh ? 'is' : 'was'} installed in ${dir}`,
        );
      } finally {
        bar.stop();
      }
    });
  models
    .command('verify')
    .description('check the checksum of every file of a bundle or of a foundation model, and run the latter once')
    .argument('[name]', 'bundle (name, name@version or folder) or foundation model', 'undertone-compact')
    .option('--variant <form>', 'form of the weights of a foundation model')
    .action(async (name, { variant }) => {
      const { listFoundations } = await import('../models/foundation/installed.ts');
      const { readFoundationConfig } = await import('../models/foundation/config.ts');
      const config = readFoundationConfig();
      if (listFoundations(config.dir).some(({ manifest }) => manifest.name === name)) {
        const { verifyFoundation } = await import('../models/foundation/verify.ts');
        const { manifest, sha256 } = await verifyFoundation({ name, variant: variant ?? config.variant }, config);
        print(whole(`${name} (${manifest.variant}, revision ${manifest.revision})`, manifest, sha256));
        return;
      }
      const { readBundle } = await import('../models/bundle/read-bundle.ts');
      const dir = await bundleNamed(name, config);
      onlyWith('foundation models', undefined, { '--variant': variant });
      const { manifest, sha256 } = await readBundle(dir);
      print(whole(`${manifest.name}@${manifest.version}`, manifest, sha256));
    });
  models
    .command('remove')
    .description('remove a foundation model, what was downloaded of it so far, and its pin')
    .argument('<name>', 'as `models list` shows it')
    .option('--variant <form>', 'one form of the weights; without it all')
    .action(async (name, { variant }) => {
      const { removeFoundation } = await import('../models/foundation/remove.ts');
      const { readFoundationConfig } = await import('../models/foundation/config.ts');
      const removed = await removeFoundation(name, variant, readFoundationConfig(), {
        signal: interruption(),
        onWait: () => note(waits(name)),
      });
      for (const dir of removed) print(`removed ${dir}`);
    });
  addBootstrap(models);
  addRewriteCommands(models);
}

/** @throws UndertoneError `bundle_not_found`; `foundation_not_installed` for the name of a foundation model that is not here */
async function bundleNamed(name: string, { dir, catalogue }: FoundationConfig): Promise<string> {
  const { findBundle } = await import('../models/bundle/find-bundle.ts');
  const { findFoundation } = await import('../models/foundation/installed.ts');
  const { readCatalogue } = await import('../models/foundation/catalogue.ts');
  try {
    return findBundle(name);
  } catch (error) {
    if (readCatalogue(catalogue).some((entry) => entry.name === name)) findFoundation(dir, { name });
    throw error;
  }
}

function waits(name: string): string {
  return `another process pulls or removes ${name}, or was killed within the last minute; waiting for it`;
}

function whole(what: string, { files }: { readonly files: object }, sha256: string): string {
  return `${what} is whole: ${Object.keys(files).length} files, manifest sha256 ${sha256}`;
}
