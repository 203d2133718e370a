// What every first command of a fresh clone needs: the locked packages, and a build that is newer than its sources.
// Uses Node alone, since nothing is installed yet when it runs.
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireNode } from '../bin/require-node.mjs';

requireNode();

export const root = fileURLToPath(new URL('..', import.meta.url));

/** The command line as it was built. */
const program = join(root, 'dist', 'cli.js');

/** Runs a command with this terminal; ends the program with its status when it fails. */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    ...options,
  });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/**
 * Runs the command line as it was built, and ends as it does. A service manager's signal reaches this process alone and is
 * passed on; the terminal's Ctrl-C reaches both, and is taken for one. Windows has that one only, and `kill` ends at once there.
 */
export function runBuilt(args) {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  process.on('SIGINT', () => process.platform === 'win32' || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
}

/** Packages whose command has another name. */
const PACKAGES = { tsc: 'typescript' };

/**
 * Path of a package's own command for Node to run: what lies in `.bin` needs a shell on Windows. Ends the program where the
 * package is not installed.
 */
export function binPath(name) {
  const folder = join(root, 'node_modules', PACKAGES[name] ?? name);
  const about = join(folder, 'package.json');
  if (!existsSync(about)) {
    process.stderr.write(`undertone: ${name} is not installed, as happens without packages for development: `);
    process.stderr.write('run `npm ci --include=dev`\n');
    process.exit(3);
  }
  const { bin } = JSON.parse(readFileSync(about, 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}

/** Runs a package's own command with this Node; ends the program where the package is not installed. */
export function runBin(name, args) {
  run(process.execPath, [binPath(name), ...args]);
}

/**
 * Installs the locked packages where they are missing or older than the lockfile; those for development too, which
 * NODE_ENV=production would leave out, since they build the rest. onnxruntime-node's CUDA files are left out, unless they are
 * asked for: versions of npm that know no `allowScripts` would run the script that fetches them.
 */
export function ensureInstalled() {
  const lockfile = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) return;
  needsToWrite('packages are missing or older than the lockfile');
  run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip', ...process.env },
    shell: process.platform === 'win32',
  });
}

/** Builds the page (dist/web) and, unless `webOnly`, the program (dist/) where their sources are newer. */
export function ensureBuilt({ webOnly = false } = {}) {
  const page = ['client', 'pipeline/protocol', 'pipeline/captions', 'models/errors.ts', 'models/windows-1252.ts'];
  build('page', page, () => runBin('vite', ['build', '--logLevel', 'warn', 'client/web']));
  if (webOnly) return;
  const sources = [
    'cli.ts',
    'cli',
    'tsconfig.build.json',
    'pipeline',
    'models',
    'training',
    'server',
    'client/sdk',
    'test/bench',
  ];
  build('program', sources, () => runBin('tsc', ['-p', 'tsconfig.build.json']));
}

function build(name, sources, make) {
  const stamp = join(root, 'dist', `.built-${name}`);
  const builtAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  const begun = new Date();
  const all = ['package.json', 'package-lock.json', 'tsconfig.json', ...sources];
  const newest = Math.max(...all.map((path) => newestMtimeMs(join(root, path))));
  if (newest <= builtAt) return;
  needsToWrite(`the ${name} in dist/ is missing or older than its sources`);
  make();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, '');
  // What is saved while it builds may not be in it.
  utimesSync(stamp, begun, begun);
}

/** Ends the program where this user may not change the clone. */
function needsToWrite(why) {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    process.stderr.write(
      `undertone: ${why}, and this user cannot write to ${root}: run \`npm run build\` as its owner\n`,
    );
    process.exit(1);
  }
}

function newestMtimeMs(path) {
  // An editor's lock may be a link to nothing.
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMtimeMs(join(path, name))), stats.mtimeMs);
}
