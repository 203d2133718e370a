import { UndertoneError } from '../errors.ts';
import { MANIFEST_FILE } from './bundle.ts';
import { listFiles } from './list-files.ts';
import { GET_AGAIN, resolveInside } from './resolve-inside.ts';
import { sha256File } from './sha256.ts';

/**
 * Checks that a folder holds exactly the files of its manifest, a bundle's or a foundation model's, each inside the folder
 * and with its sha256. Hidden files are passed over; another file that is not listed is refused, because an ONNX file can
 * make the runtime read it.
 *
 * @throws UndertoneError `bundle_path`, `bundle_checksum`; the reason of `signal`
 */
export async function verifyFiles(
  dir: string,
  manifest: { readonly files: Readonly<Record<string, string>> },
  signal?: AbortSignal,
): Promise<void> {
  for (const [file, expected] of Object.entries(manifest.files)) {
    const found = await sha256File(await resolveInside(dir, file), signal);
    if (found !== expected)
      throw new UndertoneError(
        'bundle_checksum',
        `${file} in ${dir} has sha256 ${found.slice(0, 12)}…, the manifest says ${expected.slice(0, 12)}…; ${GET_AGAIN}`,
      );
  }
  for (const file of await listFiles(dir)) {
    if (file !== MANIFEST_FILE && !Object.hasOwn(manifest.files, file))
      throw new UndertoneError(
        'bundle_checksum',
        `${file} is not in the manifest of ${dir}; remove it, or ${GET_AGAIN}`,
      );
  }
}
