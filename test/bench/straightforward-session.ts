import { randomUUID } from 'node:crypto';
import { SENTIMENTS } from '../../models/model.ts';
import { ClientMessage, CLOSE, decodeFrame } from '../../pipeline/protocol/index.ts';
import type { Caption, SentimentResult, ServerMessage, SessionTotals } from '../../pipeline/protocol/index.ts';
import type { StraightforwardModel } from './straightforward-model.ts';

interface Embedded {
  readonly ptsMs: number;
  readonly embedding: Float32Array;
}

/** One session of the baseline: a result for every frame, in order. */
export class StraightforwardSession {
  readonly #model: StraightforwardModel;
  readonly #send: (message: ServerMessage) => void;
  #frames: Embedded[] = [];
  #captions: Caption[] = [];
  #text = '';
  #textEmbedding: Float32Array | null = null;
  #work: Promise<void> = Promise.resolve();
  #left = false;
  #seq = 0;
  #received = 0;
  #encoded = 0;
  #failed = 0;
  #captionCount = 0;
  #mediaMs = 0;

  constructor(model: StraightforwardModel, send: (message: ServerMessage) => void) {
    this.#model = model;
    this.#send = send;
  }

  leave(): void {
    this.#left = true;
  }

  onText(text: string): void {
    const message = ClientMessage.parse(JSON.parse(text));
    if (message.type === 'session.update') this.#created();
    else if (message.type === 'caption') this.#captions.push(message);
    else if (message.type === 'session.close') this.#do(async () => this.#closed());
    if (message.type === 'caption') this.#captionCount++;
  }

  onFrame(data: Uint8Array): void {
    const frame = decodeFrame(data);
    this.#received++;
    if (typeof frame === 'string') {
      this.#failed++;
      return;
    }
    const arrivedMs = performance.now();
    this.#do(async () => {
      const startMs = performance.now();
      const embedding = await this.#model.encodeImage(frame.image);
      this.#encoded++;
      this.#frames.push({ ptsMs: frame.ptsMs, embedding });
      this.#mediaMs = frame.ptsMs;
      const encodedMs = performance.now();
      await this.#readText();
      await this.#predict({ queue: startMs - arrivedMs, encode: encodedMs - startMs }, arrivedMs);
      this.#send({ type: 'credit', frames: 1 });
    });
  }

  /** One thing after the other; a client that has left is not waited for. */
  #do(work: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#left ? undefined : work()))
      .catch(() => {
        this.#failed++;
      });
  }

  /** The words of the window, encoded when they change. */
  async #readText(): Promise<void> {
    const startMs = this.#mediaMs - this.#model.manifest.window_ms;
    this.#captions = this.#captions.filter((caption) => caption.end_ms > startMs);
    const text = this.#captions.map((caption) => caption.text).join(' ');
    if (text === this.#text) return;
    this.#text = text;
    this.#textEmbedding = text === '' ? null : await this.#model.encodeText(text);
  }

  async #predict(before: { queue: number; encode: number }, arrivedMs: number): Promise<void> {
    const { manifest, image, text } = this.#model;
    const endMs = this.#mediaMs;
    const startMs = endMs - manifest.window_ms;
    this.#frames = this.#frames.filter((frame) => frame.ptsMs > startMs);
    const slotMs = manifest.window_ms / image.slots;
    const slots = Array.from({ length: image.slots }, (_, i) => {
      const untilMs = startMs + (i + 1) * slotMs;
      return this.#frames.findLast(({ ptsMs }) => ptsMs > untilMs - slotMs && ptsMs <= untilMs)?.embedding ?? null;
    });
    const predictMs = performance.now();
    const { score, sentimentLogits, emotionLogits } = await this.#model.predict(slots, this.#textEmbedding);
    const probs = softmax(sentimentLogits);
    const confidence = Math.max(...probs);
    const emotions = softmax(emotionLogits);
    const observed = slots.filter((slot) => slot !== null).length;
    const whole = observed === slots.length && this.#textEmbedding !== null;
    const nowMs = performance.now();
    const result: SentimentResult = {
      type: 'sentiment.result',
      seq: this.#seq++,
      pts_ms: endMs,
      window: { start_ms: Math.max(0, startMs), end_ms: endMs },
      state: whole ? 'ok' : 'degraded',
      score: Math.min(3, Math.max(-3, score)),
      label: SENTIMENTS[probs.indexOf(confidence)] ?? 'neutral',
      probs: { negative: probs[0] ?? 0, neutral: probs[1] ?? 0, positive: probs[2] ?? 0 },
      emotions: Object.fromEntries(manifest.emotions.map((name, i) => [name, emotions[i] ?? 0])),
      confidence,
      modalities: {
        [image.name]: {
          source: observed === slots.length ? 'observed' : 'mixed',
          cause: observed === slots.length ? null : 'no_signal',
          coverage: observed / slots.length,
          age_ms: 0,
          fidelity: null,
        },
        [text.name]: {
          source: this.#textEmbedding === null ? 'virtual' : 'observed',
          cause: this.#textEmbedding === null ? 'silence' : null,
          coverage: this.#textEmbedding === null ? 0 : 1,
          age_ms: null,
          fidelity: null,
          is_final: true,
        },
      },
      latency_ms: { ...before, predict: nowMs - predictMs, total: nowMs - arrivedMs },
    };
    this.#send(result);
  }

  #created(): void {
    const { manifest, sha256 } = this.#model;
    const { name, version, modalities, emotions, window_ms, hop_ms } = manifest;
    this.#send({
      type: 'session.created',
      protocol: 1,
      session_id: randomUUID(),
      bundle: {
        name,
        version,
        sha256,
        modalities: modalities.map((modality) => ({
          name: modality.name,
          kind: modality.kind,
          slots: modality.slots,
        })),
        emotions,
      },
      device: { provider: 'cpu', name: 'cpu', workers: 0 },
      window_ms,
      hop_ms,
      smoothing: 0,
      counterfactuals: false,
      limits: {
        max_message_bytes: 2 ** 20,
        max_frames_per_s: 30,
        max_bytes_per_s: 2 ** 22,
        max_image_width: 4096,
        max_image_height: 2160,
        max_whole_pixels: 2_073_600,
        idle_ms: 90_000,
      },
      resume_token: '',
    });
    this.#send({ type: 'credit', frames: 2 });
  }

  #closed(): void {
    const totals: SessionTotals = {
      frames: {
        received: this.#received,
        encoded: this.#encoded,
        in_flight: this.#received - this.#encoded - this.#failed,
        dropped: this.#failed === 0 ? {} : { decode_error: this.#failed },
      },
      captions: this.#captionCount,
      results: this.#seq,
      revisions: 0,
      errors: this.#failed,
      media_ms: this.#mediaMs,
    };
    this.#send({ type: 'session.closed', code: CLOSE.normal, reason: 'the client closed the session', totals });
  }
}

function softmax(logits: Float32Array): number[] {
  const most = Math.max(...logits);
  const exps = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = exps.reduce((total, value) => total + value, 0);
  return exps.map((value) => value / sum);
}
