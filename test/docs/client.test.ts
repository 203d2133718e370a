import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './source-codes.ts';
import { readDoc } from './tables.ts';

/** Names of the fields of an interface in the SDK. */
function fieldsOf(file: string, name: string): string[] {
  const text = readFileSync(join(ROOT, 'client/sdk', file), 'utf8');
  const body = new RegExp(`interface ${name} \\{\\n(.*?)^\\}`, 'ms').exec(text)?.[1] ?? '';
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)[?:(<]/gm)].map(([, field = '']) => field);
}

/** Names in the first cells of the table with that header. */
function named(header: string): string[] {
  const [, table = ''] =
    new RegExp(`^\\| ${header} .*\\n\\| -.*\\n((?:\\|.*\\n)+)`, 'm').exec(readDoc('client.md')) ?? [];
  return table
    .split('\n')
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)/g)].map(([, name = '']) => name));
}

test.each([
  ['method', 'undertone-client.ts', 'UndertoneClient'],
  ['event', 'events.ts', 'ClientEvents'],
  ['option', 'options.ts', 'ConnectOptions'],
])('docs/client.md: every %s has a row', (header, file, name) => {
  const fields = fieldsOf(file, name);
  expect(fields.length).toBeGreaterThan(8);
  expect(named(header).sort()).toEqual(fields.sort());
});
