import type { ClipTable } from './clip-table.ts';
import type { Level } from './loss.ts';
import type { TestedClips } from './tested-clips.ts';

/** One way to cut a set into clips to train on and clips to test on. */
export interface Fold {
  readonly train: ClipTable;
  readonly test: ClipTable;
}

/** A measure of the report. */
export interface Measure {
  /** As in the metrics of `tableMetrics`. */
  readonly name: string;
  readonly better: 'higher' | 'lower';
}

/** Data that the sweep runs on. */
export interface SweepSet {
  readonly name: string;
  /** What it is, for the report. */
  readonly title: string;
  /** Frame level where a clip has several frames. */
  readonly levels: readonly Level[];
  /** Names of the emotions, in the order of the labels. */
  readonly emotions: readonly string[];
  /** The first is what methods are compared on. */
  readonly measures: readonly Measure[];
  /** Of everything that decides its clips, the bundle included. */
  readonly fingerprint: string;
  /** What is tested, the same with every seed. */
  readonly tested: TestedClips;
  /** What a reader of the report must know. */
  readonly notes: readonly string[];
  /** Whether clips can have another number of slots than usual: those that were encoded once cannot. */
  readonly anySlots: boolean;
  /**
   * The folds of a seed; the metrics are those of all their test clips together.
   *
   * @param slots as usual unless given, which `anySlots` allows
   */
  folds(seed: number, slots?: number): readonly Fold[];
  /** A fold with text embeddings that depend on the training texts that `textMask` [n] leaves; as it is unless given. */
  readonly adapt?: (fold: Fold, textMask: Float32Array, seed: number) => Promise<Fold>;
}
