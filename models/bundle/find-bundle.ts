import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UndertoneError } from '../errors.ts';
import { readFoundationConfig } from '../foundation/config.ts';
import { listFoundations } from '../foundation/installed.ts';
import { artifactsDir } from './artifacts.ts';
import { MANIFEST_FILE } from './bundle.ts';
import { listBundles } from './list-bundles.ts';

const SPECIFIER = /^([a-z0-9][a-z0-9._-]*)(?:@(\d+\.\d+\.\d+))?$/;

/**
 * The folder of a bundle: `name` (its newest version), `name@version`, or a path. A name that is also a path of a bundle
 * is taken as a name.
 *
 * @throws UndertoneError `bundle_not_found`; those of `listFoundations`
 */
export function findBundle(specifier: string, root: string = artifactsDir()): string {
  const match = SPECIFIER.exec(specifier);
  const installed = listBundles(root);
  if (match !== null) {
    const [, name, version] = match;
    const found = installed.find((bundle) => bundle.name === name && (version ?? bundle.version) === bundle.version);
    if (found !== undefined) return found.dir;
  }
  const dir = resolve(specifier);
  if (existsSync(join(dir, MANIFEST_FILE))) return dir;
  if (listFoundations(readFoundationConfig().dir).some(({ manifest }) => manifest.name === specifier))
    throw new UndertoneError(
      'bundle_not_found',
      `${specifier} is a foundation model, which has no heads: make a bundle of it with \`undertone train --foundation ${specifier}\` or \`undertone models bootstrap ${specifier} --out FOLDER\`, and give that folder`,
    );
  const known = installed.map((bundle) => `${bundle.name}@${bundle.version}`).join(', ') || 'none';
  throw new UndertoneError(
    'bundle_not_found',
    `no bundle ${specifier}: neither installed (${known}) nor a folder with a ${MANIFEST_FILE}`,
  );
}
