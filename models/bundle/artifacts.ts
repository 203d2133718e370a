import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Name of the bundle that the repository ships. */
export const DEFAULT_BUNDLE = 'undertone-compact';

/**
 * The folder of the installed bundles: `models/artifacts` in the nearest folder above `from` that has one, whether the
 * program runs from source or from dist/. Where none exists yet, it is the package's: beside its `package.json`.
 */
export function artifactsDir(from: string = import.meta.dirname): string {
  const above = [...parents(from)];
  const home =
    above.find((dir) => existsSync(join(dir, 'models', 'artifacts'))) ??
    above.find((dir) => existsSync(join(dir, 'package.json'))) ??
    from;
  return join(home, 'models', 'artifacts');
}

function* parents(from: string): Generator<string> {
  for (let dir = from; ; dir = dirname(dir)) {
    yield dir;
    if (dirname(dir) === dir) return;
  }
}
