import { Option, type Command } from 'commander';
import { note } from './note.ts';
import { fraction, positiveNumber } from './options.ts';
import { precisionOption } from './precision-option.ts';
import { print } from './print.ts';
import { openReportFile } from './report-file.ts';

/** `undertone models rewrite` and `models bench`: encoders made fast on a processor. */
export function addRewriteCommands(models: Command): void {
  models
    .command('rewrite')
    .description('make a published image encoder fast on a processor, and compare it with the original')
    .argument('<model>', 'its float32 ONNX file, from pixel_values to an embedding')
    .requiredOption('--out <file>', 'where the rewritten ONNX file goes; it takes uint8 pixels')
    .option('--output <name>', "the graph's output that is the embedding (default image_embeds)")
    .option('--preprocessing <file>', "the model's preprocessor_config.json, for mean and std (default: CLIP's)")
    .addOption(precisionOption())
    .option('--min-cosine <value>', 'lowest cosine with the original on the worst image', fraction, 0.995)
    .option('--json', 'print the report as JSON')
    .action(async (file, { out, json, ...options }) => {
      const { rewriteFile } = await import('../models/foundation/rewrite/rewrite-file.ts');
      const { formatRewrite } = await import('../models/foundation/rewrite/format-rewrite.ts');
      const report = await rewriteFile(file, out, options);
      print(json ? JSON.stringify(report) : formatRewrite(report));
    });
  models
    .command('bench')
    .description('speed of a generated image encoder as published, rewritten, and in int8, on one thread')
    .addOption(
      new Option('--model <size>', 'which it is made like')
        .choices(['clip-vit-b32', 'siglip-b16'])
        .default('clip-vit-b32'),
    )
    .option('--rounds <n>', 'runs of each, in turns', positiveNumber, 12)
    .option('--json <file>', 'also write the report as JSON')
    .action(async ({ model, rounds, json }) => {
      const { benchVision } = await import('../models/foundation/rewrite/bench-vision.ts');
      const { formatVisionBench } = await import('../models/foundation/rewrite/format-bench.ts');
      const { SIGLIP_B16, VIT_B32 } = await import('../models/foundation/vit/random-vision.ts');
      const size = model === 'siglip-b16' ? SIGLIP_B16 : VIT_B32;
      const write = json === undefined ? undefined : await openReportFile(json);
      const report = await benchVision({ size, batches: [1, 4, 8], rounds, note });
      print(formatVisionBench(report));
      await write?.(report);
    });
}
