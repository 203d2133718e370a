import type { SentimentModel } from '../../models/model.ts';
import type { PipelineInput, SentimentSession, SessionOptions } from '../../pipeline/frames.ts';
import type { SentimentResult, ShadowMetrics } from '../../pipeline/protocol/index.ts';
import { openSession } from '../../pipeline/session.ts';
import { AgreementSums, shadowPattern } from './shadow-agreement.ts';

/** Inputs under way in a shadow; it does without those beyond. */
const MOST_UNDER_WAY = 32;
/** Results of either side that wait for the other's. */
const MOST_WAITING = 64;

/** Told of each comparison. */
export type OnCompared = (pattern: string, scoreDifference: number, sameLabel: boolean) => void;

/**
 * A second bundle behind a live session: it gets the same frames and captions, its results go to nobody, and each is
 * compared with the session's own result of the same media time.
 *
 * It has inference processes and a pipeline of its own, so nothing that happens to it reaches the session: while
 * {@link MOST_UNDER_WAY} inputs are under way further frames and captions are left out and counted, and a failure ends the
 * shadow alone.
 */
export class Shadow {
  readonly #model: SentimentModel;
  readonly #pipeline: SentimentSession;
  readonly #onCompared: OnCompared;
  readonly #stalled: () => boolean;
  readonly #agreement = new Map<string, AgreementSums>();
  /** By media time: of the session, and of the shadow. */
  readonly #ours = new Map<number, SentimentResult>();
  readonly #theirs = new Map<number, SentimentResult>();
  #underWay = 0;
  #skipped = 0;
  #failed = false;

  /** `stalled`: the model has no process that can run, for now. */
  constructor(model: SentimentModel, options: SessionOptions, onCompared: OnCompared, stalled = (): boolean => false) {
    this.#model = model;
    this.#onCompared = onCompared;
    this.#stalled = stalled;
    this.#pipeline = openSession(model, options);
    this.#pipeline.outputs.subscribe({
      next: (output) => {
        if (output.type === 'sentiment.result') this.#match(output, this.#theirs, this.#ours);
        else if (output.type === 'error' && output.fatal) this.#failed = true;
      },
      error: () => {
        this.#failed = true;
      },
    });
  }

  push(input: PipelineInput): void {
    if (this.#failed || (this.#underWay >= MOST_UNDER_WAY && input.kind !== 'modality')) {
      if (input.kind === 'frame' || input.kind === 'caption') this.#skipped++;
      return;
    }
    this.#underWay++;
    void this.#pipeline
      .push(input)
      .catch(() => undefined)
      .finally(() => this.#underWay--);
  }

  /** Tells it what the session itself said. */
  said(result: SentimentResult): void {
    this.#match(result, this.#ours, this.#theirs);
  }

  metrics(): ShadowMetrics {
    const { name, version } = this.#model.info;
    return {
      bundle: { name, version },
      skipped: this.#skipped,
      failed: this.#failed || this.#stalled(),
      agreement: Object.fromEntries([...this.#agreement].map(([pattern, sums]) => [pattern, sums.summary()])),
    };
  }

  /** Idempotent; never rejects. */
  async close(): Promise<void> {
    await this.#pipeline.close().catch(() => undefined);
  }

  #match(result: SentimentResult, own: Map<number, SentimentResult>, others: Map<number, SentimentResult>): void {
    const other = others.get(result.pts_ms);
    if (other === undefined) {
      own.set(result.pts_ms, result);
      const oldest = own.keys().next().value;
      if (own.size > MOST_WAITING && oldest !== undefined) own.delete(oldest);
      return;
    }
    others.delete(result.pts_ms);
    const pattern = shadowPattern(result, other);
    if (pattern === undefined || result.score === null || other.score === null) return;
    const sums = this.#agreement.get(pattern) ?? new AgreementSums();
    this.#agreement.set(pattern, sums);
    const sameLabel = result.label === other.label;
    sums.add(result.score, other.score, sameLabel);
    this.#onCompared(pattern, Math.abs(result.score - other.score), sameLabel);
  }
}
