import type { Command } from 'commander';
import type { PrepareSummary } from '../training/prepare/prepare-data.ts';
import { duration } from './duration.ts';
import { interruption } from './interruption.ts';
import { note } from './note.ts';
import { bundleOption } from './options.ts';
import { print } from './print.ts';
import { progressBar } from './progress-bar.ts';

/** `undertone data prepare`. */
export function addData(program: Command): void {
  program
    .command('data')
    .description('data sets of clips')
    .command('prepare')
    .description('decode and encode a data set once; goes on where it stopped')
    .requiredOption(
      '--dataset <name>',
      'mosi, mosei, meld, mvsa or another that `eval` reads, or clips for a folder with a manifest.jsonl',
    )
    .requiredOption('--data <folder>', "the data set's folder, or one that holds it")
    .option('--out <folder>', 'where the embeddings go', 'runs/prepared')
    .option(
      '--skip-bad',
      'take missing clips, and clips that cannot be read or have sound alone beside a text, as video missing, and leave out what else cannot be read',
    )
    .addOption(bundleOption())
    .option('--json', 'print the summary as JSON')
    .action(async ({ dataset, data, out, skipBad, bundle, json }) => {
      const signal = interruption();
      const { loadLocalModel } = await import('../models/runtime/load-local-model.ts');
      const { clipFrames } = await import('../pipeline/replay/clip-frames.ts');
      const { prepareData } = await import('../training/prepare/prepare-data.ts');
      const model = await loadLocalModel(bundle === undefined ? { signal } : { bundle, signal });
      const bar = progressBar('preparing {bar} {value}/{total} | {left} left');
      const startedMs = performance.now();
      let first: number | undefined;
      try {
        const summary = await prepareData({
          model,
          dataset,
          data,
          out,
          decode: clipFrames,
          skipBad: skipBad ?? false,
          signal,
          onProgress: (done, total) => {
            first ??= done;
            const rate = (done - first) / ((performance.now() - startedMs) / 1000);
            bar.update(done, total, { left: duration((total - done) / rate) });
          },
        });
        bar.stop();
        print(json ? JSON.stringify(summary, null, 2) : formatSummary(summary));
        if (summary.textOnly)
          note(`no clips found: text only${summary.strayClips === undefined ? '' : `; ${summary.strayClips}`}`);
        for (const { id, code, message } of summary.bad) note(`left out: ${id}: ${message} (${code})`);
        for (const id of summary.missingClips) note(`no clip, so its video is missing: ${id}`);
        for (const id of summary.soundOnly) note(`its clip has sound alone, so its video is missing: ${id}`);
        for (const { id, code, message } of summary.unreadClips)
          note(`its clip cannot be read, so its video is missing: ${id}: ${message} (${code})`);
      } finally {
        bar.stop();
        await model.close();
      }
    });
}

function formatSummary(summary: PrepareSummary): string {
  const { dataset, file, encoded, bundle, splits, withVideo, withText } = summary;
  const { faceless, missingClips, soundOnly, unreadClips, bad } = summary;
  const counts = Object.entries(splits).map(([split, { here, published }]) => {
    const differs = published !== null && published !== here ? ', which differs' : '';
    return `  ${split}: ${here}${published === null ? '' : ` (published: ${published}${differs})`}`;
  });
  return [
    `${dataset}, encoded with ${bundle.name} ${bundle.version}:`,
    ...counts,
    `  with video or image: ${withVideo}; no face seen: ${faceless.length}; with text: ${withText}; clips missing: ${missingClips.length}; sound alone: ${soundOnly.length}; clips unreadable: ${unreadClips.length}; left out: ${bad.length}`,
    `  encoded in this run: ${encoded}${encoded === 0 ? '; all embeddings are there from a run before, and the labels are as they are now' : ''}`,
    `embeddings: ${file}`,
  ].join('\n');
}
