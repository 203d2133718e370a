import { isAbsolute, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Address of a file for a page in a folder: relative, so that both can be moved together; absolute on another drive. */
export function recordingUrl(file: string | null, folder: string): string | null {
  if (file === null) return null;
  const path = relative(folder, file);
  if (isAbsolute(path)) return pathToFileURL(path).href;
  return path.split(sep).map(encodeURIComponent).join('/');
}
