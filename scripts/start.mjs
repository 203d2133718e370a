// `npm start`: installs and builds what is missing, then serves.
import { ensureBuilt, ensureInstalled, runBuilt } from './setup.mjs';

ensureInstalled();
ensureBuilt();
runBuilt(['serve', ...process.argv.slice(2)]);
