/**
 * The one place where names change between the wire (`snake_case`) and this client (`camelCase`).
 *
 * Keys that are data, such as modality names, emotions and drop reasons, stay as they are.
 */
const KEYED_BY_DATA: ReadonlySet<string> = new Set(['probs', 'emotions', 'modalities', 'dropped', 'only', 'agreement']);

type CamelKey<K> = K extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelKey<Tail>>}` : K;

/** A wire type with its own keys in camelCase; the keys of records stay as they are. */
export type Camel<T> = T extends string
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Camel<Item>[]
    : T extends object
      ? string extends keyof T
        ? { readonly [K in keyof T]: Camel<T[K]> }
        : { readonly [K in keyof T as CamelKey<K>]: Camel<T[K]> }
      : T;

/** Copies a wire value with its keys in camelCase. */
export function toCamel<T>(value: T): Camel<T> {
  return renameKeys(value, camelKey, false) as Camel<T>;
}

/** Copies a client value with its keys in snake_case and without those that are undefined. */
export function toSnake(value: object): Record<string, unknown> {
  return renameKeys(value, snakeKey, false) as Record<string, unknown>;
}

function renameKeys(value: unknown, rename: (key: string) => string, keepKeys: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename, false));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    entries.map(([key, item]) => [
      keepKeys ? key : rename(key),
      renameKeys(item, rename, !keepKeys && KEYED_BY_DATA.has(key)),
    ]),
  );
}

/** Turns `snake_case` words into camelCase. */
export function camelKey(key: string): string {
  return key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function snakeKey(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
