import { UndertoneError } from '../../../models/errors.ts';
import { writeSafetensors } from '../../../training/engine/safetensors.ts';

/** Writes a checkpoint of 4 MB, more than its parent lets it, and prints the code of the error. */
const [, , path = ''] = process.argv;
try {
  await writeSafetensors(path, { tensors: new Map([['params/net.w', new Float32Array(1_000_000)]]), metadata: {} });
  process.stdout.write('written\n');
} catch (error) {
  process.stdout.write(error instanceof UndertoneError ? `${error.code}\n` : `${String(error)}\n`);
}
