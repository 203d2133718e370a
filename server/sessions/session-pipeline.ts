import { openSession } from '../../pipeline/session.ts';
import { Shadow } from './shadow.ts';
import type { SentimentModel } from '../../models/model.ts';
import type {
  KeepaliveInput,
  ModalityInput,
  PipelineInput,
  PipelineOutput,
  SentimentSession,
} from '../../pipeline/frames.ts';
import type { SessionTotals, SessionUpdate } from '../../pipeline/protocol/index.ts';
import type { ServerConfig } from '../config.ts';
import type { ServerMetrics } from '../metrics.ts';

export interface SessionPipelineDeps {
  readonly model: SentimentModel;
  /** A second bundle that sees every session and is compared with the first. */
  readonly shadow?: SentimentModel | undefined;
  /** True while the second bundle has no process that can run. */
  readonly shadowStalled?: (() => boolean) | undefined;
  readonly config: ServerConfig;
  readonly metrics: ServerMetrics;
}

interface Opened {
  readonly session: SentimentSession;
  readonly shadow: Shadow | undefined;
  /** Nothing more comes out of it. */
  readonly silence: () => void;
}

/**
 * What predicts for a live session: a pipeline and, where there is a second bundle, its shadow, which sees the same. Until
 * the first media both can be opened anew with other options, and are switched and kept alive as those before them were.
 */
export class SessionPipeline {
  readonly #deps: SessionPipelineDeps;
  readonly #onOutput: (output: PipelineOutput) => void;
  /** How each modality was switched before the first media. */
  readonly #switches = new Map<string, ModalityInput>();
  /** A sign of life before the first media. */
  #alive: KeepaliveInput | undefined;
  #opened: Opened;
  #locked = false;

  constructor(deps: SessionPipelineDeps, wanted: SessionUpdate, onOutput: (output: PipelineOutput) => void) {
    this.#deps = deps;
    this.#onOutput = onOutput;
    this.#opened = this.#open(wanted);
  }

  /** True after the first media; the options are then fixed. */
  get locked(): boolean {
    return this.#locked;
  }

  /** Begins again with other options; only before media. */
  reopen(wanted: SessionUpdate): void {
    this.#discard();
    this.#opened = this.#open(wanted);
    for (const input of this.#switches.values()) void this.push(input);
    if (this.#alive) void this.push(this.#alive);
  }

  /** Resolves when the input has settled. */
  push(input: PipelineInput): Promise<void> {
    if (input.kind === 'frame' || input.kind === 'caption') this.#locked = true;
    if (input.kind === 'modality' && !this.#locked) this.#remember(input);
    if (input.kind === 'keepalive' && !this.#locked) this.#alive = input;
    const { session, shadow } = this.#opened;
    shadow?.push(input);
    return session.push(input);
  }

  finalize(): Promise<void> {
    return this.#opened.session.finalize();
  }

  totals(): SessionTotals {
    return this.#opened.session.totals();
  }

  /** Finalizes; resolves when everything is out. */
  async close(): Promise<void> {
    try {
      await this.#opened.session.close();
    } finally {
      this.#discard();
    }
  }

  #discard(): void {
    const { session, shadow, silence } = this.#opened;
    silence();
    void session.close();
    void shadow?.close();
  }

  #open(wanted: SessionUpdate): Opened {
    const { model, shadow: compared, shadowStalled, config, metrics } = this.#deps;
    const { hop_ms: hopMs = model.info.hopMs, smoothing = 0, counterfactuals = false } = wanted;
    // The shadow at the session's own rate, so that both predict for the same moments.
    const options = { mode: 'live', latenessMs: config.latenessMs, hopMs, smoothing } as const;
    const shadow =
      compared === undefined
        ? undefined
        : new Shadow(compared, options, (...agreement) => metrics.shadowCompared(...agreement), shadowStalled);
    const session = openSession(model, { ...options, counterfactuals });
    const subscription = session.outputs.subscribe((output) => {
      if (output.type === 'sentiment.result') shadow?.said(output);
      const isCompared = output.type === 'metrics' && shadow !== undefined;
      this.#onOutput(isCompared ? { ...output, shadow: shadow.metrics() } : output);
    });
    return { session, shadow, silence: () => subscription.unsubscribe() };
  }

  #remember(input: ModalityInput): void {
    const { modality, state, loss } = input;
    if (!this.#deps.model.info.modalities.some(({ name }) => name === modality)) return;
    const before = this.#switches.get(modality);
    const merged = { state: state ?? before?.state, loss: loss === undefined ? before?.loss : loss };
    this.#switches.set(modality, { kind: 'modality', modality, ...merged });
  }
}
