/** Those events that one `for await` wants, on their way to it: at most `limit` wait, and then the oldest is dropped. */
export class EventQueue<Event, Item extends Event> implements AsyncIterableIterator<Item> {
  readonly #limit: number;
  readonly #wants: (event: Event) => event is Item;
  readonly #onReturn: () => void;
  readonly #items: Item[] = [];
  readonly #readers: ((result: IteratorResult<Item>) => void)[] = [];
  #ended = false;

  constructor(limit: number, wants: (event: Event) => event is Item, onReturn: () => void) {
    this.#limit = limit;
    this.#wants = wants;
    this.#onReturn = onReturn;
  }

  push(event: Event): void {
    if (this.#ended || !this.#wants(event)) return;
    const reader = this.#readers.shift();
    if (reader) return reader({ value: event, done: false });
    this.#items.push(event);
    if (this.#items.length > this.#limit) this.#items.shift();
  }

  /** What waits is still delivered; then the loop ends. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<Item>> {
    const [item] = this.#items;
    if (item !== undefined) {
      this.#items.shift();
      return Promise.resolve({ value: item, done: false });
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Ends the loop, also for a `next()` that waits. */
  return(): Promise<IteratorResult<Item>> {
    this.#items.length = 0;
    this.end();
    this.#onReturn();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
