import { UndertoneError } from '../../models/errors.ts';
import { isPageBuilt } from '../paths.ts';
import { found, lacking } from './check.ts';
import { pageFolder } from './config.ts';
import type { Check } from './check.ts';

/** The page; the service streams without it, but not where the setting of its folder is wrong. */
export function checkPage(folder: () => string = pageFolder): Check {
  try {
    return isPageBuilt(folder())
      ? found('page', false, 'built')
      : lacking('page', false, 'not built', 'run `npm run build`; `npm start` builds it too');
  } catch (error) {
    if (!(error instanceof UndertoneError)) throw error;
    return lacking(
      'page',
      true,
      error.message,
      'mend UNDERTONE_WEB_DIR, or leave it out for the page that comes along',
    );
  }
}
