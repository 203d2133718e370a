import { byId, make, setText } from '../dom.ts';
import { provenanceSentence } from './provenance-text.ts';
import type { Result } from '../../../sdk/index.ts';

/** One sentence per modality. */
export class ProvenanceList {
  readonly #list = byId('provenance', HTMLUListElement);
  readonly #lines = new Map<string, HTMLLIElement>();

  show(modalities: Result['modalities']): void {
    for (const [name, { source }] of Object.entries(modalities)) {
      const line = this.#lines.get(name) ?? this.#add(name);
      line.dataset['source'] = source;
      setText(line, provenanceSentence(name, modalities));
    }
  }

  clear(): void {
    this.#lines.clear();
    this.#list.replaceChildren();
  }

  #add(name: string): HTMLLIElement {
    const line = make('li', { data: { modality: name } });
    this.#lines.set(name, line);
    this.#list.append(line);
    return line;
  }
}
