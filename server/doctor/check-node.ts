import { found, lacking } from './check.ts';
import type { Check } from './check.ts';

/** Least minor version by major one; all from `NEWER` on will do. */
const LEAST: Readonly<Record<number, number>> = { 20: 19, 22: 12 };
const NEWER = 24;

/** Node must be one that `engines` in package.json takes. */
export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major >= NEWER || minor >= (LEAST[major] ?? Infinity);
  return isEnough
    ? found('Node', true, version)
    : lacking(
        'Node',
        true,
        `${version} is not 20.19, 22.12, or 24 and later`,
        'install the newest LTS from https://nodejs.org',
      );
}
