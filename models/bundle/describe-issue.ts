import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Characters of a found value that a message shows. */
const SHOWN = 60;

/** The first fault that a schema found in parsed JSON: which field, what was expected there, and what was found. */
export function describeIssue({ issues: [issue] }: z.ZodError, json: unknown): string {
  if (issue === undefined) return 'it does not fit';
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return `${field(path)}: expected no ${issue.keys.map((key) => `"${key}"`).join(', ')}, which is no field of it`;
  if (issue.code === 'invalid_key') {
    const wanted = issue.issues[0];
    const name = shown(path.at(-1));
    return `${field(path.slice(0, -1))}: expected ${wanted === undefined ? 'another key' : expected(wanted)} as a key, found ${name}`;
  }
  return `${field(path)}: expected ${expected(issue)}, found ${shown(path.reduce(memberOf, json))}`;
}

function field(path: readonly string[]): string {
  return path.join('.') || 'top level';
}

function expected(issue: Issue): string {
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return issue.errors.flatMap(([first]) => (first === undefined ? [] : [expected(first)])).join(' or ');
  const [, what] = /expected (.+?)(?:, received .*)?$/i.exec(issue.message) ?? [];
  return (
    what ?? issue.message.replace(/^Invalid string: must match pattern /, 'text like ').replace(/^Invalid /, 'an ')
  );
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
