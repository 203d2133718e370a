import { byId, make, setText } from '../dom.ts';
import { counterfactualText } from './counterfactual-text.ts';
import { modalityWords } from './modality-words.ts';
import { skewText } from './skew-text.ts';
import type { FrameCounts, Metrics, Result, Session } from '../../../sdk/index.ts';

/** What is true of one reading alone. */
const OF_READING = ['Behind live', 'This reading', 'Fidelity of synthesis', 'The same moment otherwise'];

/** Names and numbers for the curious: the bundle, latencies, and where every frame went. */
export class Details {
  readonly #list = byId('facts', HTMLDListElement);
  readonly #values = new Map<string, HTMLElement>();

  session({ bundle, device, hopMs, windowMs, sessionId }: Session): void {
    const calibrated = bundle.calibrated === false ? ', not calibrated' : '';
    this.#set('Model', `${bundle.name} ${bundle.version} (${bundle.sha256.slice(0, 12)})${calibrated}`);
    this.#set(
      'Runs on',
      `${device.provider}, ${device.name}, ${device.workers} ${device.workers === 1 ? 'worker' : 'workers'}`,
    );
    this.#set('Window and hop', `${windowMs} ms, ${hopMs} ms`);
    this.#set('Session', sessionId);
  }

  /** Also of results that are too late to be a reading. */
  behind(behindMs: number): void {
    this.#set('Behind live', `${Math.max(0, Math.round(behindMs))} ms`);
  }

  result({ latencyMs, modalities, counterfactuals }: Result): void {
    this.#set(
      'This reading',
      `queue ${ms(latencyMs.queue)}, encode ${ms(latencyMs.encode)}, predict ${ms(latencyMs.predict)}`,
    );
    const fidelity = Object.entries(modalities).flatMap(([name, part]) =>
      part.fidelity === null ? [] : [`${modalityWords(name).title} ${part.fidelity.toFixed(2)}`],
    );
    this.#set('Fidelity of synthesis', fidelity.length > 0 ? `${fidelity.join(', ')} (at best 1)` : 'not measured yet');
    if (counterfactuals) this.#set('The same moment otherwise', counterfactualText(counterfactuals));
  }

  /** There is no reading at the moment. */
  rest(): void {
    for (const name of OF_READING) if (this.#values.has(name)) this.#set(name, 'no reading');
  }

  metrics({ frames, latencyMs, captions, results, revisions, skewMs }: Metrics, here: FrameCounts): void {
    const dropped = Object.entries(frames.dropped).filter(([, count]) => count > 0);
    const reasons = dropped.map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`).join(', ');
    this.#set('Frames sent', `${here.sent}, ${here.dropped} skipped here`);
    this.#set(
      'Frames received',
      `${frames.received} = ${frames.encoded} encoded + ${sum(dropped)} dropped${reasons === '' ? '' : ` (${reasons})`} + ${frames.inFlight} in flight`,
    );
    this.#set('Latency, median', `${ms(latencyMs.total.p50)}, 95th percentile ${ms(latencyMs.total.p95)}`);
    this.#set('Captions', String(captions));
    this.#set('Results', `${results}, ${revisions} revised`);
    this.#set('Captions against frames', skewText(skewMs));
  }

  #set(name: string, text: string): void {
    let value = this.#values.get(name);
    if (!value) {
      value = make('dd');
      this.#values.set(name, value);
      this.#list.append(make('div', {}, make('dt', { text: name }), value));
    }
    setText(value, text);
  }
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

function sum(entries: readonly (readonly [string, number])[]): number {
  return entries.reduce((total, [, count]) => total + count, 0);
}
