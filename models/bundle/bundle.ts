import type { Manifest } from './manifest.ts';

/** A bundle whose manifest and checksums have been verified. */
export interface Bundle {
  /** Absolute path of its folder. */
  readonly dir: string;
  readonly manifest: Manifest;
  /** sha256 of `manifest.json`, hex; it covers every other file through the manifest's `files`. */
  readonly sha256: string;
}

export const MANIFEST_FILE = 'manifest.json';
