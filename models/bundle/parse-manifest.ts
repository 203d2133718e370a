import { UndertoneError } from '../errors.ts';
import { MANIFEST_FILE } from './bundle.ts';
import { describeIssue } from './describe-issue.ts';
import { Manifest } from './manifest.ts';

/**
 * Validates the text of a `manifest.json`: its schema, unique modality names, and a checksum for every file it uses.
 * @throws UndertoneError `bundle_manifest`; `where` names the bundle in its message
 */
export function parseManifest(text: string, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(where, `it is not JSON (${error instanceof Error ? error.message : String(error)})`, error);
  }
  if ((json as { readonly kind?: unknown } | null)?.kind === 'foundation')
    throw invalid(where, 'it is that of a foundation model, which has no heads; give a bundle that was made of it');
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) throw invalid(where, describeIssue(parsed.error, json));
  const manifest = parsed.data;
  const names = manifest.modalities.map((modality) => modality.name);
  if (new Set(names).size < names.length) throw invalid(where, 'two modalities have the same name');
  for (const file of usedFiles(manifest)) {
    if (!Object.hasOwn(manifest.files, file)) throw invalid(where, `files has no checksum of ${file}`);
  }
  if (Object.hasOwn(manifest.files, MANIFEST_FILE)) throw invalid(where, 'files lists the manifest itself');
  return manifest;
}

/** The bundle's own files that a runtime loads: heads and adapters, and encoders and tokenizers unless they are a foundation model's. */
function usedFiles(manifest: Pick<Manifest, 'heads' | 'modalities' | 'foundation'>): readonly string[] {
  const files = [manifest.heads.file];
  for (const modality of manifest.modalities)
    if (modality.kind === 'text' && modality.adapter !== undefined) files.push(modality.adapter.file);
  if (manifest.foundation !== undefined) return files;
  for (const modality of manifest.modalities) {
    files.push(modality.encoder.file);
    if (modality.kind === 'text') files.push(modality.encoder.preprocessing.tokenizer);
    else if (modality.encoder.finder !== undefined) files.push(modality.encoder.finder.file);
  }
  return [...new Set(files)];
}

function invalid(where: string, what: string, cause?: unknown): UndertoneError {
  return new UndertoneError('bundle_manifest', `${MANIFEST_FILE} of ${where} is invalid: ${what}`, { cause });
}
