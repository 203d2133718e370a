import type { MetricRecord } from '../evaluation/metrics/metric-record.ts';
import { fingerprint } from '../fingerprint.ts';
import type { Loss } from './loss.ts';
import type { Method } from './methods.ts';

/** One training of the sweep: a method on a set with a seed, on what a loss leaves of the training data. */
export interface Unit {
  readonly set: string;
  readonly method: Method;
  readonly seed: number;
  /** What training lacks; null for nothing. */
  readonly training: Loss | null;
  /** What testing lacks, case by case. */
  readonly testing: readonly (Loss | null)[];
}

export interface UnitResult {
  readonly set: string;
  readonly method: string;
  readonly seed: number;
  readonly training: Loss | null;
  readonly tests: readonly { readonly testing: Loss | null; readonly metrics: MetricRecord }[];
  /** Of the inference heads alone; empty where nothing is synthesised or data is missing in training. */
  readonly virtual: MetricRecord;
  readonly seconds: number;
}

/** Counts up when units are made in another way, so that what was measured before is not taken for what would be now. */
const EDITION = 2;

/**
 * Name of a unit's training: everything that decides it, and nothing else. What is tested is no part of it, so with more
 * rates the same result grows.
 */
export function unitKey(unit: Unit, ...context: readonly unknown[]): string {
  const { set, method, seed, training } = unit;
  const { title: _, ...decides } = method;
  return fingerprint(EDITION, set, decides, seed, training, ...context).slice(0, 32);
}
