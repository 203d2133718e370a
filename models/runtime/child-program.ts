import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Arguments that make Node run one of the programs beside a module, `name` without its ending: built, or as source
 * through tsx, whatever started this process itself (a command, a hook, a test runner).
 *
 * @param beside URL of the module
 */
export function childArguments(name: string, beside: string): readonly string[] {
  if (!beside.endsWith('.ts')) return [fileURLToPath(new URL(`./${name}.js`, beside))];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(tsx).href, fileURLToPath(new URL(`./${name}.ts`, beside))];
}
