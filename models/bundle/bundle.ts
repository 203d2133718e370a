import type { Manifest } from './manifest.ts';

/** A bundle whose manifest and checksums have been verified. */
export interface Bundle {
  /** Absolute path of its folder. */
  readonly dir: string;
  readonly manifest: Manifest;
  /** sha256 of `manifest.json`, hex; it covers every other file through the manifest's `files`. */
  readonly sha256: string;
  /** Where the encoders lie when they are a foundation model's, and their files; else they are in `dir`. */
  readonly encoders?: EncoderFiles | undefined;
}

/** The folder of an installed foundation model and the sha256 of its files. */
export interface EncoderFiles {
  readonly dir: string;
  readonly files: Readonly<Record<string, string>>;
}

export const MANIFEST_FILE = 'manifest.json';
