import { byId, make, setText } from '../dom.ts';
import { provenanceSentence } from './provenance-text.ts';
import type { Result } from '../../../sdk/index.ts';

/** One sentence per modality; a tip while there is no reading. */
export class ProvenanceList {
  readonly #list = byId('provenance', HTMLUListElement);
  readonly #tip = [...this.#list.children];
  readonly #lines = new Map<string, HTMLLIElement>();

  show(modalities: Result['modalities'], off: ReadonlySet<string>): void {
    if (this.#lines.size === 0) this.#list.replaceChildren();
    for (const [name, { source }] of Object.entries(modalities)) {
      const line = this.#lines.get(name) ?? this.#add(name);
      line.dataset['source'] = source;
      setText(line, provenanceSentence(name, modalities, off.has(name)));
    }
  }

  /** Before the first reading, and while there is none. */
  rest(): void {
    this.#lines.clear();
    this.#list.replaceChildren(...this.#tip);
  }

  #add(name: string): HTMLLIElement {
    const line = make('li', { data: { modality: name } });
    this.#lines.set(name, line);
    this.#list.append(line);
    return line;
  }
}
