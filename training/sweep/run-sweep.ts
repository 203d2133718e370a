import { join } from 'node:path';
import { inOwnOut } from '../in-own-out.ts';
import { calibrationReport } from './calibration-report.ts';
import { pairsReport, type PairsReport } from './pairs/pairs-report.ts';
import { readPairs } from './pairs/read-pairs.ts';
import type { SweepReport } from './report/sweep-report.ts';
import { makeReportFolder, writeReport } from './report/write-report.ts';
import { sweep, type SweepOptions } from './sweep.ts';

/** A few hundred pairs are learnt soon, and then by heart. */
const PAIR_STEPS = 60;

export interface RunSweepOptions extends Omit<SweepOptions, 'cache' | 'onSet'> {
  /** Folder of the cached embeddings; in `out` unless given. */
  readonly cache?: string;
  /** NumPy matrices of images and of their texts, to train the inference heads on. */
  readonly pairs?: readonly [images: string, texts: string] | undefined;
}

/** Paths of the report, and what it says; nothing of a part. */
export interface SweepFiles {
  readonly files: readonly string[];
  readonly report: SweepReport | undefined;
}

/**
 * Runs a sweep, measures the calibration of the bundle's own heads on the composed clips of the first seed, and writes
 * the report into `out`. A part writes none.
 *
 * @throws UndertoneError those of `sweep`; `out_unwritable`; `out_busy` where another one that is no part writes into `out`
 */
export async function runSweep(options: RunSweepOptions): Promise<SweepFiles> {
  const run = (): Promise<SweepFiles> => runHere(options);
  return options.part === undefined ? inOwnOut(options.out, run) : run();
}

async function runHere(options: RunSweepOptions): Promise<SweepFiles> {
  const { model, out, preset, budget, part, seeds } = options;
  await makeReportFolder(out, preset);
  let calibration: SweepReport['calibration'] = [];
  const sets = await sweep({
    ...options,
    cache: options.cache ?? join(out, 'embeddings'),
    onSet: async (set) => {
      if (part !== undefined || set.name !== 'composed') return;
      options.onStage?.('measuring the calibration');
      const test = set.folds(seeds[0] ?? 0)[0]?.test;
      if (test !== undefined) calibration = await calibrationReport(model, test);
    },
  });
  if (part !== undefined) return { files: [], report: undefined };
  const pairs = options.pairs === undefined ? [] : await onPairs(options.pairs, options);
  const { name, version, sha256 } = model.info;
  const report: SweepReport = {
    format: 1,
    created: new Date().toISOString(),
    bundle: { name, version, sha256 },
    preset,
    budget: { steps: budget.steps, batch: budget.batch },
    sets,
    calibration,
    pairs,
  };
  return { files: await writeReport(out, preset, report), report };
}

/** By matching alone, as the paper has it, and with a pull towards the real embeddings. */
async function onPairs([images, texts]: readonly [string, string], options: RunSweepOptions): Promise<PairsReport[]> {
  const { recipe, seeds, budget, signal } = options;
  options.onStage?.('training the inference heads on pairs');
  const read = await readPairs(images, texts);
  const reports: PairsReport[] = [];
  for (const pull of [0, 1])
    reports.push(
      await pairsReport({ pairs: read, recipe, seeds, steps: Math.min(budget.steps, PAIR_STEPS), pull, signal }),
    );
  return reports;
}
