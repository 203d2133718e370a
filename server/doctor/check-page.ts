import { isPageBuilt } from '../http/page.ts';
import { defaultWebDir } from '../paths.ts';
import { found, lacking } from './check.ts';
import type { Check } from './check.ts';

/** The page; the service streams without it. */
export function checkPage(webDir: string = defaultWebDir): Check {
  return isPageBuilt(webDir)
    ? found('page', false, 'built')
    : lacking('page', false, 'not built', 'run `npm run build`; `npm start` builds it too');
}
