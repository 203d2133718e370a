/** The element of the page with that id. @throws when the page lacks it or it is of another kind. */
export function byId<Kind extends Element>(id: string, kind: abstract new (...args: never[]) => Kind): Kind {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/** Makes an element with properties and children. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: {
    readonly class?: string;
    readonly text?: string;
    readonly data?: Readonly<Record<string, string>>;
  } = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  if (properties.class !== undefined) node.className = properties.class;
  if (properties.text !== undefined) node.textContent = properties.text;
  Object.assign(node.dataset, properties.data);
  node.append(...children);
  return node;
}

/** Writes text only where it changed, which spares layout and screen readers. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
