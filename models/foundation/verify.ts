import type { FoundationConfig } from './config.ts';
import { checkAsPinned } from './check-as-pinned.ts';
import { type FoundationChoice, findFoundation } from './installed.ts';
import { lockKey, readLock } from './lock-file.ts';
import { probeFoundation } from './probe-foundation.ts';
import { type Foundation, readFoundation } from './read-foundation.ts';

/**
 * Checks an installed foundation model: every file against its manifest, the manifest against the lock file, and that the
 * encoders run and give finite embeddings.
 *
 * @throws UndertoneError those of `findFoundation`, `readFoundation` and `probeFoundation`; `lock_mismatch`
 */
export async function verifyFoundation(
  choice: FoundationChoice,
  config: Pick<FoundationConfig, 'dir' | 'lockFile'>,
): Promise<Foundation> {
  const foundation = await readFoundation(findFoundation(config.dir, choice).dir);
  const { manifest, dir } = foundation;
  const pinned = (await readLock(config.lockFile)).models[lockKey(manifest.name, manifest.variant)];
  checkAsPinned(manifest, pinned, config.lockFile);
  await probeFoundation(dir, manifest);
  return foundation;
}
