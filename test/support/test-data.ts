import { resolve } from 'node:path';

/**
 * A path in the folder of real data that `UNDERTONE_TEST_DATA` names. Without it nothing is there, and the tests that need
 * it are skipped.
 */
export function testData(...path: readonly string[]): string {
  return resolve(process.env['UNDERTONE_TEST_DATA'] ?? '/nonexistent', ...path);
}
