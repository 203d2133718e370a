import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Arguments that make Node run one of the programs beside this file, `name` without its ending: built, or as source
 * through tsx, whatever started this process itself (a command, a hook, a test runner).
 */
export function childArguments(name: string): readonly string[] {
  if (!import.meta.url.endsWith('.ts')) return [fileURLToPath(new URL(`./${name}.js`, import.meta.url))];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', tsx, fileURLToPath(new URL(`./${name}.ts`, import.meta.url))];
}
