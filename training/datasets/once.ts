import { RowError } from './sink.ts';

/** Gives a check that each id comes once. @throws RowError `data_columns` for one that was there before */
export function once(): (id: string) => void {
  const seen = new Set<string>();
  return (id) => {
    if (seen.has(id)) throw new RowError('data_columns', `id "${id}" is there twice`);
    seen.add(id);
  };
}
