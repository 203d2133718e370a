// `npm run bench`: builds what is missing, then measures what is built, as `npm start` serves it.
import { ensureBuilt, ensureInstalled, runBuilt } from './setup.mjs';

ensureInstalled();
ensureBuilt();
runBuilt(['bench', ...process.argv.slice(2)]);
