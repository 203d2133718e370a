import { DEFAULT_BUNDLE } from '../../models/bundle/artifacts.ts';
import { findBundle } from '../../models/bundle/find-bundle.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { UndertoneError } from '../../models/errors.ts';
import { readRuntimeConfig } from '../../models/runtime/config.ts';
import { found, lacking } from './check.ts';
import type { Check } from './check.ts';

const NAME = 'bundle';

/**
 * The bundle that would be served is there, and every file is what its manifest says.
 * @throws UndertoneError `bad_setting` of the environment
 */
export async function checkBundle(specifier: string = readRuntimeConfig().bundle): Promise<Check> {
  try {
    const { manifest, sha256 } = await readBundle(findBundle(specifier));
    const files = Object.keys(manifest.files).length;
    const detail = `${manifest.name}@${manifest.version}, sha256 of ${files} files right, manifest ${sha256.slice(0, 12)}`;
    return found(NAME, true, detail);
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    const advice =
      specifier === DEFAULT_BUNDLE
        ? 'restore its files with `git checkout -- models/artifacts` in a clone, or install the package again'
        : `get ${specifier} again, or name another in UNDERTONE_BUNDLE; \`undertone models list\` shows those that are here`;
    return lacking(NAME, true, error.message, advice);
  }
}
