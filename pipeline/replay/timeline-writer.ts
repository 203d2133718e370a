import { timelineCsv } from './timeline-csv.ts';
import type { ModelInfo } from '../../models/model.ts';
import type { SentimentResult, SentimentRevised } from '../protocol/index.ts';
import type { StagedFile } from './staged-folder.ts';
import type { TimelineCsv } from './timeline-csv.ts';

/** Results that may still be revised. At the default hop that is 17 minutes, far over any allowed lateness. */
const HELD = 4096;

/** Writes results as JSON lines and as CSV, holding the newest back so that a revision replaces what it supersedes. */
export class TimelineWriter {
  /** Results that arrived, revisions not counted. */
  count = 0;
  /** Revisions of results that were written already. */
  tooLate = 0;
  readonly #jsonl: StagedFile;
  readonly #csv: StagedFile;
  readonly #table: TimelineCsv;
  readonly #onWritten: (result: SentimentResult) => void;
  readonly #held = new Map<number, SentimentResult>();
  #lines: { json: string[]; csv: string[] } = { json: [], csv: [] };

  constructor(
    files: { readonly jsonl: StagedFile; readonly csv: StagedFile },
    info: ModelInfo,
    options: { readonly counterfactuals: boolean; readonly onWritten: (result: SentimentResult) => void },
  ) {
    this.#jsonl = files.jsonl;
    this.#csv = files.csv;
    this.#table = timelineCsv(info, options);
    this.#onWritten = options.onWritten;
    this.#lines.csv.push(this.#table.header);
  }

  add(result: SentimentResult): void {
    this.count++;
    this.#held.set(result.seq, result);
    if (this.#held.size > HELD) this.#release(this.#held.size - HELD);
  }

  /** The revision takes the place of the result, and keeps its own `seq`. */
  revise({ supersedes, ...revised }: SentimentRevised): void {
    const entries = [...this.#held];
    const at = entries.findIndex(([seq]) => seq === supersedes);
    if (at < 0) {
      this.tooLate++;
      return;
    }
    entries[at] = [revised.seq, { ...revised, type: 'sentiment.result' }];
    this.#held.clear();
    for (const [seq, result] of entries) this.#held.set(seq, result);
  }

  /** Resolves when what needs not be held back is in the files; awaiting it bounds what waits in memory. */
  async drain(): Promise<void> {
    const { json, csv } = this.#lines;
    this.#lines = { json: [], csv: [] };
    if (json.length > 0) await this.#jsonl.appendFile(`${json.join('\n')}\n`);
    if (csv.length > 0) await this.#csv.appendFile(`${csv.join('\n')}\n`);
  }

  /** Writes everything. */
  async finish(): Promise<void> {
    this.#release(this.#held.size);
    await this.drain();
  }

  #release(count: number): void {
    let left = count;
    for (const [seq, result] of this.#held) {
      if (left-- <= 0) return;
      this.#held.delete(seq);
      this.#lines.json.push(JSON.stringify(result));
      this.#lines.csv.push(this.#table.row(result));
      this.#onWritten(result);
    }
  }
}
