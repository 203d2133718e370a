import type { Command } from 'commander';
import { interruption } from './interruption.ts';
import { wholeNumber } from './options.ts';
import { print } from './print.ts';
import { progressBar } from './progress-bar.ts';

/** `undertone heads`. */
export function addHeads(program: Command): void {
  program
    .command('heads')
    .description("train and test synthesis between modalities on pairs of a foundation model's embeddings")
    .requiredOption('--embeddings <folder>', 'holds *_image.f32.npy, *_text.f32.npy and *_captions.csv')
    .option('--folds <n>', 'parts of the pairs, each held out once', wholeNumber, 5)
    .option('--seeds <n>', 'times that the folds are drawn anew', wholeNumber, 2)
    .option('--json', 'print the report as JSON')
    .action(async ({ embeddings, folds, seeds, json }) => {
      const { evaluateHeads } = await import('../training/foundation/evaluate-heads.ts');
      const { formatBridge } = await import('../training/foundation/format-bridge.ts');
      const bar = progressBar('training {bar} {value}/{total} heads');
      try {
        const report = await evaluateHeads(embeddings, {
          folds,
          seeds,
          signal: interruption(),
          onProgress: (fits, of) => bar.update(fits, of, {}),
        });
        bar.stop();
        print(json ? JSON.stringify(report) : formatBridge(report));
      } finally {
        bar.stop();
      }
    });
}
