import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** A hidden, unused name beside the folder, on the same file system: `.<folder>.<what>-<random hex>`. */
export function hiddenBeside(dir: string, what: string): string {
  return join(dirname(dir), `.${basename(dir)}.${what}-${randomBytes(6).toString('hex')}`);
}
