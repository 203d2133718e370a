import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST_FILE } from '../bundle/bundle.ts';
import type { FoundationRef } from '../bundle/manifest.ts';
import { UndertoneError } from '../errors.ts';
import { type FoundationManifest, parseFoundationManifest } from './foundation-manifest.ts';

export interface InstalledFoundation {
  readonly dir: string;
  readonly manifest: FoundationManifest;
}

/** Which installed model is meant; what is left out may be any, newest first. */
export interface FoundationChoice {
  readonly name: string;
  readonly variant?: string | undefined;
  readonly revision?: string | undefined;
}

/** The folder of one form of a model: `<root>/<name>/<variant>-<revision>`. Other revisions have other folders. */
export function foundationDir(
  root: string,
  { name, variant, revision }: Readonly<Record<'name' | 'variant' | 'revision', string>>,
): string {
  return join(root, name, `${variant}-${revision.replace(/^local-/, '').slice(0, 12)}`);
}

/** The folder that who pulls or removes a form of a model holds meanwhile, so that no other does. */
export function turnFolder(root: string, name: string, variant: string): string {
  return join(root, '.staging', `.${name}-${variant}.turn`);
}

/**
 * Installed foundation models, newest first. Nothing is verified; folders that cannot be read or have a broken manifest are passed over.
 * @throws UndertoneError `models_unreadable` where `root` itself cannot be read, as a file
 */
export function listFoundations(root: string): readonly InstalledFoundation[] {
  const found = namesIn(root).flatMap((name) => {
    try {
      return folders(join(root, name)).flatMap((form) => manifestIn(join(root, name, form)));
    } catch {
      return [];
    }
  });
  return found.sort((a, b) => Date.parse(b.manifest.created) - Date.parse(a.manifest.created));
}

function manifestIn(dir: string): InstalledFoundation[] {
  const file = join(dir, MANIFEST_FILE);
  if (!existsSync(file)) return [];
  try {
    return [{ dir, manifest: parseFoundationManifest(readFileSync(file, 'utf8'), dir) }];
  } catch {
    return [];
  }
}

/**
 * The newest installed model that fits; `float32` before other forms where none is asked for.
 * @throws UndertoneError `foundation_not_installed`, `foundation_mismatch` when only other revisions are installed,
 * `models_unreadable`
 */
export function findFoundation(root: string, choice: FoundationChoice): InstalledFoundation {
  const named = listFoundations(root).filter(({ manifest }) => manifest.name === choice.name);
  const fitting = named.filter(
    ({ manifest }) =>
      (choice.variant === undefined || manifest.variant === choice.variant) &&
      (choice.revision === undefined || manifest.revision === choice.revision),
  );
  const found = fitting.find(({ manifest }) => manifest.variant === 'float32') ?? fitting[0];
  if (found !== undefined) return found;
  const { revision } = choice;
  const [other] = named;
  if (revision !== undefined && other !== undefined && named.every(({ manifest }) => manifest.revision !== revision))
    throw mismatch({ name: choice.name, revision }, other.manifest);
  const [what, form] =
    choice.variant === undefined
      ? [choice.name, '']
      : [`${choice.name} (${choice.variant})`, ` --variant ${choice.variant}`];
  throw new UndertoneError(
    'foundation_not_installed',
    `foundation model ${what} is not installed in ${root}; get it with \`undertone models pull ${choice.name}${form}\``,
  );
}

/** The error for heads that were made for another foundation model. */
export function mismatch(wanted: FoundationRef, found: FoundationRef): UndertoneError {
  return new UndertoneError(
    'foundation_mismatch',
    `the heads belong to ${wanted.name} at revision ${wanted.revision}, not to ${found.name} at ${found.revision}; pull that revision, or use heads of this one`,
  );
}

function namesIn(root: string): string[] {
  try {
    return folders(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const why = error instanceof Error ? error.message : String(error);
    throw new UndertoneError(
      'models_unreadable',
      `cannot read the folder of the foundation models (${why}); name another one with UNDERTONE_MODELS_DIR`,
      { cause: error },
    );
  }
}

function folders(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}
