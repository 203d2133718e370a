import { DEFAULT_BUNDLE } from '../../models/bundle/artifacts.ts';
import { findBundle } from '../../models/bundle/find-bundle.ts';
import { readBundle } from '../../models/bundle/read-bundle.ts';
import { UndertoneError } from '../../models/errors.ts';
import { found, lacking } from './check.ts';
import type { Check } from './check.ts';

const NAME = 'bundle';

/** The bundle that is served by default is there, and every file is what its manifest says. */
export async function checkBundle(specifier: string = DEFAULT_BUNDLE): Promise<Check> {
  try {
    const { manifest, sha256 } = await readBundle(findBundle(specifier));
    const files = Object.keys(manifest.files).length;
    const detail = `${manifest.name}@${manifest.version}, sha256 of ${files} files right, manifest ${sha256.slice(0, 12)}`;
    return found(NAME, true, detail);
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    const advice =
      error.code === 'bundle_not_found'
        ? 'get it with `git checkout -- models/artifacts`, or make it with `undertone train --recipe compact`'
        : 'restore its files with `git checkout -- models/artifacts`';
    return lacking(NAME, true, error.message, advice);
  }
}
