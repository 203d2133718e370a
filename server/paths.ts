import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json, whether this runs from source or from dist/. */
const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** Where Vite writes the page. */
export const defaultWebDir = join(packageRoot, 'dist', 'web');

/** True when there is a page to serve in a folder. */
export function isPageBuilt(webDir: string): boolean {
  return existsSync(join(webDir, 'index.html'));
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? folder : findRoot(parent);
}
