import { byId, make, setText } from '../dom.ts';
import { percent } from './provenance-text.ts';
import type { Result } from '../../../sdk/index.ts';

interface Bar {
  readonly row: HTMLLIElement;
  readonly fill: HTMLElement;
  readonly value: HTMLElement;
}

/** One small bar per emotion of the bundle that is served now, in the bundle's order. */
export class Emotions {
  readonly #list = byId('emotions', HTMLUListElement);
  readonly #bars = new Map<string, Bar>();

  /** Null empties the bars. */
  show(emotions: Result['emotions']): void {
    if (emotions !== null && Object.keys(emotions).join() !== [...this.#bars.keys()].join()) {
      this.#bars.clear();
      this.#list.replaceChildren();
    }
    const strongest = Math.max(0, ...Object.values(emotions ?? {}));
    for (const [name, value] of Object.entries(emotions ?? {})) {
      const bar = this.#bars.get(name) ?? this.#add(name);
      bar.fill.style.transform = `scaleX(${value.toFixed(3)})`;
      bar.row.classList.toggle('strongest', value === strongest);
      setText(bar.value, percent(value).replace('over ', '>'));
    }
    if (emotions !== null) return;
    for (const bar of this.#bars.values()) {
      bar.fill.style.transform = 'scaleX(0)';
      bar.row.classList.remove('strongest');
      setText(bar.value, '');
    }
  }

  #add(name: string): Bar {
    const fill = make('i');
    const value = make('span', { class: 'value' });
    const row = make(
      'li',
      {},
      make('span', { class: 'name', text: name }),
      make('span', { class: 'bar' }, fill),
      value,
    );
    const bar = { row, fill, value };
    this.#bars.set(name, bar);
    this.#list.append(row);
    return bar;
  }
}
