import { found, lacking } from './check.ts';
import type { Check } from './check.ts';

const LEAST = [20, 19] as const;

/** Node must be at least 20.19. */
export function checkNode(version: string = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
  return isEnough
    ? found('Node', true, version)
    : lacking(
        'Node',
        true,
        `${version} is older than ${LEAST.join('.')}`,
        'install the newest LTS from https://nodejs.org',
      );
}
