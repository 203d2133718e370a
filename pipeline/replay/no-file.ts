import type { Stats } from 'node:fs';

/** Why a path is no file to read, and what to do; `found` is what the system says of it, if it is there. */
export function noFile(path: string, found: Stats | undefined, what: 'video' | 'caption'): string {
  if (/^(?!file:)[a-z][a-z\d+.-]+:\/\//i.test(path)) return `${path} is an address and no file; download it first`;
  if (found?.isDirectory() === true) return `${path} is a folder; give a ${what} file in it`;
  const flows = path === '-' || found !== undefined;
  if (flows) return `${path} is no file on a disk, which can be read more than once; save it to one first`;
  return `no ${what} file at ${path}; check the path`;
}
