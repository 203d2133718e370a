import { UndertoneError } from '../../models/errors.ts';
import type { ModelInfo } from '../../models/model.ts';
import type { PreparedIndex } from './prepared-file.ts';

/** @throws UndertoneError `sweep_bundle` where another bundle made a prepared file: its embeddings are of another space */
export function checkBundle(
  path: string,
  { bundle }: Pick<PreparedIndex, 'bundle'>,
  { name, version, sha256 }: Pick<ModelInfo, 'name' | 'version' | 'sha256'>,
): void {
  if (bundle.sha256 === sha256) return;
  const [made, given] = [`${bundle.name} ${bundle.version}`, `${name} ${version}`];
  const other = made === given ? `another ${made}` : made;
  throw new UndertoneError(
    'sweep_bundle',
    `${path} was made with ${other}, not with ${given}; give --bundle, or prepare it again`,
  );
}
