declare module 'nlp-corpus' {
  /** Every sentence of the package. */
  export function all(): string[];
}
