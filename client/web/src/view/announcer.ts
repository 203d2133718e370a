import { labelText } from './label-text.ts';
import { modalityWords } from './modality-words.ts';
import { provenanceSentence } from './provenance-text.ts';
import type { Result, Reunion } from '../../../sdk/index.ts';

const QUIET_MS = 6000;
const LABEL_QUIET_MS = 30_000;
const MAX_REUNIONS = 8;

/** What a result says of a modality as far as it is worth telling; a few lost frames are not. */
type Told = 'observed' | 'virtual' | 'absent';

/**
 * Tells a screen reader what changed, at most every six seconds, and the label at most every half minute.
 *
 * What waits is the change and not its words: these are found when they are spoken, and say what is true then. Reunions
 * are moments and wait in a queue of their own. Bound: 8, the oldest is dropped.
 */
export class Announcer {
  readonly #region: Pick<HTMLElement, 'textContent'>;
  readonly #told = new Map<string, Told>();
  #latest: { readonly result: Result; readonly off: ReadonlySet<string> } | undefined;
  #reunions: Reunion[] = [];
  #connected = true;
  #toldConnected = true;
  #silent = false;
  #toldSilent = false;
  /** As it was told last: null for nothing to read, undefined for nothing yet. */
  #label: string | null | undefined;
  #labelAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(region: Pick<HTMLElement, 'textContent'>) {
    this.#region = region;
  }

  result(result: Result, off: ReadonlySet<string>): void {
    this.#latest = { result, off };
    this.#silent = false;
    this.#speak();
  }

  reunion(reunion: Reunion): void {
    this.#reunions = [...this.#reunions, reunion].slice(-MAX_REUNIONS);
    this.#speak();
  }

  /** The connection was lost, or is back. */
  connection(connected: boolean): void {
    this.#connected = connected;
    this.#silent = false;
    if (!connected) this.#latest = undefined;
    this.#speak();
  }

  /** Over an open connection no result of the present has come for a while. */
  silence(): void {
    this.#silent = true;
    this.#latest = undefined;
    this.#speak();
  }

  /** Nothing more of this run is told. Idempotent. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told.clear();
    this.#latest = undefined;
    this.#reunions = [];
    this.#connected = true;
    this.#toldConnected = true;
    this.#silent = false;
    this.#toldSilent = false;
    this.#label = undefined;
    this.#labelAt = -Infinity;
    this.#region.textContent = '';
  }

  #speak(): void {
    if (this.#timer !== undefined) return;
    const text = [...this.#connection(), ...this.#returns(), ...this.#noReading(), ...this.#reading()].join(' ');
    if (text === '') return;
    this.#region.textContent = text;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#speak();
    }, QUIET_MS);
  }

  #connection(): string[] {
    if (this.#connected === this.#toldConnected) return [];
    this.#toldConnected = this.#connected;
    return [this.#connected ? 'Connected again.' : 'No connection. Trying to reach the server again.'];
  }

  #returns(): string[] {
    const reunions = this.#reunions;
    this.#reunions = [];
    return reunions.map(({ modality, cosine }) => {
      this.#told.set(modality, 'observed');
      return `${modalityWords(modality).title} back; the synthesis had matched by ${cosine.toFixed(2).replace('-', '−')}.`;
    });
  }

  /** The reading that follows is told with its label, also where that is the one of before. */
  #noReading(): string[] {
    if (this.#silent === this.#toldSilent) return [];
    this.#toldSilent = this.#silent;
    if (!this.#silent) return [];
    this.#label = undefined;
    this.#labelAt = -Infinity;
    return ['No reading. The server has sent no fresh one for a while.'];
  }

  #reading(): string[] {
    if (!this.#latest) return [];
    const { result, off } = this.#latest;
    const { modalities } = result;
    const changed = Object.entries(modalities).filter(([name, { source }]) => {
      const now = source === 'mixed' ? 'observed' : source;
      if (this.#told.get(name) === now) return false;
      this.#told.set(name, now);
      return true;
    });
    return [
      ...this.#labelIfDue(result.label === null ? null : labelText(result).label),
      ...changed.map(([name]) => provenanceSentence(name, modalities, off.has(name))),
    ];
  }

  /** That there is nothing to read, or again something, does not wait. */
  #labelIfDue(label: string | null): string[] {
    if (label === this.#label) return [];
    const now = performance.now();
    if (label !== null && this.#label !== null && now - this.#labelAt < LABEL_QUIET_MS) return [];
    this.#label = label;
    this.#labelAt = now;
    return [label === null ? 'Nothing to read.' : `${label.charAt(0).toUpperCase()}${label.slice(1)}.`];
  }
}
