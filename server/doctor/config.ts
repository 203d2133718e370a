import { delimiter } from 'node:path';

/** Folders in which programs are looked for. */
export function searchPath(env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  return (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
}
