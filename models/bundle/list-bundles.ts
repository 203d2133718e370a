import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { artifactsDir } from './artifacts.ts';
import { MANIFEST_FILE } from './bundle.ts';

export interface BundleLocation {
  readonly name: string;
  readonly version: string;
  readonly dir: string;
}

/** Installed bundles, `<root>/<name>/<version>/manifest.json`, by name and then newest first. Nothing is verified. */
export function listBundles(root: string = artifactsDir()): readonly BundleLocation[] {
  const found = existsSync(root) ? folders(root).flatMap((name) => versions(root, name)) : [];
  return found.sort((a, b) => (a.name === b.name ? compareVersions(b.version, a.version) : a.name < b.name ? -1 : 1));
}

/** None where the folder cannot be read, or is a link to none. */
function versions(root: string, name: string): BundleLocation[] {
  try {
    return folders(join(root, name))
      .map((version) => ({ name, version, dir: join(root, name, version) }))
      .filter(({ version, dir }) => isVersion(version) && existsSync(join(dir, MANIFEST_FILE)));
  } catch {
    return [];
  }
}

function folders(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}

function isVersion(text: string): boolean {
  return /^\d+\.\d+\.\d+$/.test(text);
}

function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
