import type { Sink } from './sink.ts';
import type { Target } from './targets.ts';

/** One way in which a data set lies on disk. */
export interface Layout {
  /** What the folder must hold, for messages. */
  readonly holds: string;
  /** True when the folder has this layout. */
  fits(folder: string): Promise<boolean>;
  /** Reads the folder's samples and bad rows into the sink, in the order of the files. */
  read(folder: string, sink: Sink): Promise<void>;
}

/** A data set and the layouts it comes in, the first that fits is read. */
export interface DatasetSpec {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  /** Where its users get it. */
  readonly home: string;
  /** Names of its folder, compared by letters and digits alone in lower case. */
  readonly folders: readonly string[];
  /** Where inside its folder the published archive keeps the data; the folder itself comes first. */
  readonly inside?: readonly string[];
  /** What its samples are labelled with, the first being what results are usually reported on. */
  readonly targets: readonly Target[];
  /** Where its clips are, by the names of its columns, in sets whose table names them. */
  readonly clips?: string;
  readonly layouts: readonly Layout[];
}
