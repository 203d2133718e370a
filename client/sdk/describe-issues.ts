import { camelKey } from './camel-case.ts';

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What the wire's schema finds wrong, in the names that the caller of this client knows. */
export function describeIssues(issues: readonly Issue[]): string {
  return camelKey(sayIssues(issues));
}

/** Each with where it is. */
export function sayIssues(issues: readonly Issue[]): string {
  return issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ');
}
