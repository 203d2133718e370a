import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Text of every source file under some folders or files of the repository. */
export function sources(...paths: string[]): string[] {
  return paths.flatMap((path) => {
    const full = join(ROOT, path);
    if (!statSync(full).isDirectory()) return [readFileSync(full, 'utf8')];
    return readdirSync(full, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(full, file), 'utf8'));
  });
}

/** Codes that calls of `name(`, a pattern, give as their first argument, each with the whole text of the call. */
export function calls(texts: readonly string[], name: string): { readonly code: string; readonly call: string }[] {
  return texts.flatMap((text) =>
    [...text.matchAll(new RegExp(`\\b${name}\\(`, 'g'))].flatMap(({ index, 0: { length } }) => {
      const call = upToClosing(text.slice(index + length - 1));
      return literals(firstArgument(call)).map((code) => ({ code, call }));
    }),
  );
}

/** Codes in object literals and in variables: `code: 'x'`, `code = y ? z : 'x'`. */
export function fields(texts: readonly string[]): string[] {
  return texts.flatMap((text) =>
    [...text.matchAll(/\bcode(?:: | = )([^,;}\n]*)/g)].flatMap(([, value = '']) => literals(value)),
  );
}

/** The quoted snake-case words of a piece of code, without the names of properties. */
function literals(code: string): string[] {
  return [...code.matchAll(/(?<!\[)'([a-z]+(?:_[a-z]+)*)'/g)].map(([, word = '']) => word);
}

function firstArgument(call: string): string {
  return call.slice(1).split(/[,`]/, 1)[0] ?? '';
}

function upToClosing(text: string): string {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return text.slice(0, i + 1);
  }
  return text;
}
