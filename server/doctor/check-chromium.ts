import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { searchPath } from './config.ts';
import { found, lacking } from './check.ts';
import type { Check } from './check.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome.exe', 'msedge.exe'];

const FIXED: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'],
};

const ADVICE: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'apt-get install chromium',
  darwin: 'brew install --cask chromium',
  win32: 'winget install Google.Chrome',
};

/** The first Chromium or Chrome of the search path, else where the system keeps one. */
export function findChromium(
  folders: readonly string[] = searchPath(),
  platform = process.platform,
): string | undefined {
  const inPath = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...inPath, ...(FIXED[platform] ?? [])].find(isExecutable);
}

/** A Chromium for the browser test; nothing else uses it. */
export function checkChromium(folders: readonly string[] = searchPath(), platform = process.platform): Check {
  const path = findChromium(folders, platform);
  if (path !== undefined) return found('Chromium', false, path);
  const advice = ADVICE[platform] ?? 'install Chromium or Chrome';
  return lacking('Chromium', false, 'none found; npm run e2e is skipped', advice);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
