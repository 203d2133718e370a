import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEFAULT_BUNDLE, artifactsDir } from '../../models/bundle/artifacts.ts';
import { MANIFEST_FILE } from '../../models/bundle/bundle.ts';
import { listBundles } from '../../models/bundle/list-bundles.ts';
import { parseManifest } from '../../models/bundle/parse-manifest.ts';
import { UndertoneError } from '../../models/errors.ts';

/** Where `train --foundation` leaves bundles unless told otherwise: `runs/NAME/bundle`. */
const RUNS = 'runs';

/**
 * The newest bundle with heads for a foundation model: among the installed ones and those in `runs`. The bundled model is
 * a foundation model of its own name.
 *
 * @throws UndertoneError `bundle_not_found`
 */
export function bundleOfFoundation(name: string, runs: string = RUNS): string {
  if (name === DEFAULT_BUNDLE) return name;
  const roots = [artifactsDir(), ...folders(runs).map((run) => join(run, 'bundle'))];
  const found = roots
    .flatMap((root) => listBundles(root))
    .flatMap(({ dir }) => {
      const made = madeFor(dir);
      return made?.name === name ? [{ dir, created: made.created }] : [];
    })
    .toSorted((a, b) => (a.created < b.created ? 1 : -1));
  const [newest] = found;
  if (newest !== undefined) return newest.dir;
  throw new UndertoneError(
    'bundle_not_found',
    `no bundle has heads for ${name}; train them with \`undertone train --foundation ${name}\`, or name a bundle's folder with --bundle`,
  );
}

/** The foundation model that a bundle's heads belong to; nothing for other bundles and broken ones. */
function madeFor(dir: string): { readonly name: string; readonly created: string } | undefined {
  try {
    const { foundation, created } = parseManifest(readFileSync(join(dir, MANIFEST_FILE), 'utf8'), dir);
    return foundation === undefined ? undefined : { name: foundation.name, created };
  } catch {
    return undefined;
  }
}

function folders(dir: string): string[] {
  try {
    return readdirSync(dir)
      .map((name) => resolve(dir, name))
      .filter((path) => isFolder(path));
  } catch {
    return [];
  }
}

/** False for what cannot be looked at, such as a link that leads nowhere. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
