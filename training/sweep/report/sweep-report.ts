import type { PatternCalibration } from '../calibration-report.ts';
import type { PairsReport } from '../pairs/pairs-report.ts';
import type { SetReport } from '../set-report.ts';

/** What the report's files are made of. */
export interface SweepReport {
  readonly format: 1;
  readonly created: string;
  readonly bundle: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly preset: string;
  /** Of each training. */
  readonly budget: { readonly steps: number; readonly batch: number };
  readonly sets: readonly SetReport[];
  /** Of the bundle's own heads, on composed clips; empty where these were not asked for. */
  readonly calibration: readonly PatternCalibration[];
  /** Of the inference heads trained on pairs of another space; empty where none were given. */
  readonly pairs: readonly PairsReport[];
}
