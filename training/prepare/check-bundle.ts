import { UndertoneError } from '../../models/errors.ts';
import type { ModelInfo } from '../../models/model.ts';
import type { PreparedIndex } from './prepared-file.ts';

/** sha256 of the bundle that embeddings are named by: the first of those that have the same encoders and other heads. */
export function encodersOf({ sha256, encodersOf: first }: Pick<ModelInfo, 'sha256' | 'encodersOf'>): string {
  return first ?? sha256;
}

/** @throws UndertoneError `sweep_bundle` where another bundle made a prepared file: its embeddings are of another space */
export function checkBundle(
  path: string,
  { bundle }: Pick<PreparedIndex, 'bundle'>,
  info: Pick<ModelInfo, 'name' | 'version' | 'sha256' | 'encodersOf'>,
): void {
  if (bundle.sha256 === encodersOf(info)) return;
  const { name, version } = info;
  const [made, given] = [`${bundle.name} ${bundle.version}`, `${name} ${version}`];
  const other = made === given ? `another ${made}` : made;
  throw new UndertoneError(
    'sweep_bundle',
    `${path} was made with ${other}, not with ${given}; give --bundle, or prepare it again`,
  );
}
