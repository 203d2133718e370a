// `npm test`: type check, then every test (or those named). `npm run e2e` names the browser's.
import { ensureBuilt, ensureInstalled, runBin } from './setup.mjs';

ensureInstalled();
runBin('tsc', ['-p', '.']);
ensureBuilt();
runBin('vitest', ['run', ...process.argv.slice(2)]);
