import { UndertoneError } from '../errors.ts';
import type { FoundationManifest } from './foundation-manifest.ts';
import type { LockEntry } from './lock-file.ts';

/**
 * Checks that the files of an installed model are those that the lock file pins, where it pins this revision.
 * @param lockFile its path, for the message
 * @throws UndertoneError `lock_mismatch`
 */
export function checkAsPinned(manifest: FoundationManifest, pinned: LockEntry | undefined, lockFile: string): void {
  if (pinned?.revision !== manifest.revision) return;
  for (const [file, { sha256 }] of Object.entries(pinned.files)) {
    if (manifest.files[file] !== sha256)
      throw new UndertoneError(
        'lock_mismatch',
        `${file} of ${manifest.name} is not the one that ${lockFile} pins; pull the model again, with access to the hub`,
      );
  }
}
