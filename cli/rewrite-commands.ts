import type { Command } from 'commander';
import { note } from './note.ts';
import { fraction, positiveNumber } from './options.ts';
import { precisionOption } from './precision-option.ts';
import { print } from './print.ts';
import { openReportFile } from './report-file.ts';

/** `undertone models rewrite` and `models bench`: encoders made fast on a processor. */
export function addRewriteCommands(models: Command): void {
  models
    .command('rewrite')
    .description('make a published CLIP image encoder fast on a processor, and compare it with the original')
    .argument('<model>', 'its float32 ONNX file: pixel_values to image_embeds')
    .requiredOption('--out <file>', 'where the rewritten ONNX file goes; it takes uint8 pixels')
    .addOption(precisionOption())
    .option('--min-cosine <value>', 'lowest cosine with the original on the worst image', fraction, 0.995)
    .option('--json', 'print the report as JSON')
    .action(async (file, { out, precision, minCosine, json }) => {
      const { rewriteFile } = await import('../models/foundation/rewrite/rewrite-file.ts');
      const { formatRewrite } = await import('../models/foundation/rewrite/format-rewrite.ts');
      const report = await rewriteFile(file, out, { precision, minCosine });
      print(json ? JSON.stringify(report) : formatRewrite(report));
    });
  models
    .command('bench')
    .description('speed of a generated CLIP ViT-B/32 as published, rewritten, and in int8, on one thread')
    .option('--rounds <n>', 'runs of each, in turns', positiveNumber, 12)
    .option('--json <file>', 'also write the report as JSON')
    .action(async ({ rounds, json }) => {
      const { benchVision } = await import('../models/foundation/rewrite/bench-vision.ts');
      const { formatVisionBench } = await import('../models/foundation/rewrite/format-bench.ts');
      const { VIT_B32 } = await import('../models/foundation/vit/random-vision.ts');
      const write = json === undefined ? undefined : await openReportFile(json);
      const report = await benchVision({ size: VIT_B32, batches: [1, 4, 8], rounds, note });
      print(formatVisionBench(report));
      await write?.(report);
    });
}
