import { describe, expect, test } from 'vitest';
import { ErrorCode } from '../../pipeline/protocol/index.ts';
import { calls, fields, sources } from './source-codes.ts';
import { readDoc, tableRows } from './tables.ts';

const SOURCE = sources('models', 'pipeline', 'training', 'server', 'cli', 'cli.ts');
const SECTIONS = tableRows(readDoc('errors.md'));

const thrown = calls(SOURCE, 'UndertoneError');
const sets: Readonly<Record<string, readonly string[]>> = {
  Wire: ErrorCode.options,
  HTTP: calls(sources('server/http'), 'errorBody').map(({ code }) => code),
  Client: calls(sources('client/sdk'), 'ClientError').map(({ code }) => code),
  'Replay warnings': calls(sources('pipeline/replay'), 'warnings\\.add').map(({ code }) => code),
};
const commandLine = [
  ...thrown.map(({ code }) => code),
  ...calls(sources('training/datasets'), 'RowError').map(({ code }) => code),
  ...fields(sources('training/datasets', 'models/runtime')),
];
const COMMAND_LINE = [
  'Settings and server',
  'Bundles',
  'Foundation models',
  'Runtime',
  'Replay',
  'Data sets',
  'Training',
];

function documented(...headings: string[]): string[] {
  return headings.flatMap((heading) => (SECTIONS.get(heading) ?? []).map(({ key }) => key));
}

function unique(codes: readonly string[]): string[] {
  return [...new Set(codes)].sort();
}

describe('the scan of the source', () => {
  test('finds codes in every place where they are made', () => {
    const text = [
      `throw new UndertoneError(\n  'one_code', 'a (message), with signs', { exitCode: EXIT.usage });`,
      "return new UndertoneError(odd ? 'two_code' : 'three_code', `of ${x}`);",
      `new UndertoneError(reply.code, 'not_a_code')`,
    ];
    expect(calls(text, 'UndertoneError').map(({ code }) => code)).toEqual(['one_code', 'two_code', 'three_code']);
    expect(calls(text, 'UndertoneError')[0]?.call).toContain('EXIT.usage');
    expect(fields([`push({ code: 'four_code', file })`, `const code = known ? error.code : 'five_code';`])).toEqual([
      'four_code',
      'five_code',
    ]);
    expect(unique(commandLine).length).toBeGreaterThan(40);
  });
});

describe('docs/errors.md', () => {
  test.each(Object.entries(sets))('%s: a row for every code, a code for every row', (heading, codes) => {
    expect(unique(documented(heading))).toEqual(unique(codes));
  });

  test('command line: a row for every code, a code for every row', () => {
    expect(unique(documented(...COMMAND_LINE))).toEqual(unique(commandLine));
  });

  test('no row comes twice under a heading, and every row says what it means and what to do', () => {
    for (const rows of SECTIONS.values()) {
      expect(unique(rows.map(({ key }) => key))).toHaveLength(rows.length);
      expect(rows.filter(({ cells }) => cells.length < 3 || cells.includes(''))).toEqual([]);
    }
  });

  test('exit statuses are those of the source', () => {
    const exits = new Map<string, Set<string>>();
    for (const { code, call } of thrown) {
      const exit = call.includes('EXIT.usage') ? '2' : call.includes('EXIT.notInstalled') ? '3' : '1';
      exits.set(code, (exits.get(code) ?? new Set()).add(exit));
    }
    const rows = COMMAND_LINE.flatMap((heading) => SECTIONS.get(heading) ?? []);
    const said = rows.filter(({ key }) => exits.has(key)).map(({ key, cells }) => [key, cells[1]]);
    expect(said).toEqual(said.map(([key]) => [key, [...(exits.get(key ?? '') ?? [])].sort().join(', ')]));
  });
});
