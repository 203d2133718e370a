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
  readonly #held: SentimentResult[] = [];
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
    this.#held.push(result);
    if (this.#held.length > HELD) this.#release(this.#held.length - HELD);
  }

  /** The revision takes the place of the result, and keeps its own `seq`. */
  revise({ supersedes, ...revised }: SentimentRevised): void {
    const at = this.#held.findLastIndex(({ seq }) => seq === supersedes);
    if (at < 0) this.tooLate++;
    else this.#held[at] = { ...revised, type: 'sentiment.result' };
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
    this.#release(this.#held.length);
    await this.drain();
  }

  #release(count: number): void {
    for (const result of this.#held.splice(0, count)) {
      this.#lines.json.push(JSON.stringify(result));
      this.#lines.csv.push(this.#table.row(result));
      this.#onWritten(result);
    }
  }
}
