/** Where a verb says something: its result on stdout, what happens meanwhile on stderr. */
export interface Voice {
  readonly print: (text: string) => void;
  readonly note: (text: string) => void;
}
