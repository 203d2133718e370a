import { createHash } from 'node:crypto';

/** Names a configuration: the same parts, the same name. */
export function fingerprint(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
