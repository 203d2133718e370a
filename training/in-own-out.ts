import { UndertoneError } from '../models/errors.ts';
import { holdFolder } from '../models/hold-folder.ts';
import { makeOut } from './make-out.ts';

/**
 * Runs something that writes into a folder of results, which is made where it is not there and is nobody else's meanwhile.
 *
 * @throws UndertoneError `out_unwritable`, `out_busy` where another run writes there; what `run` throws
 */
export async function inOwnOut<T>(folder: string, run: () => Promise<T>): Promise<T> {
  await makeOut(folder);
  const held = await holdFolder(folder).catch((cause: unknown) => {
    throw new UndertoneError('out_unwritable', `cannot write into ${folder}; free space, or give another --out`, {
      cause,
    });
  });
  if (held === undefined)
    throw new UndertoneError('out_busy', `another run is writing into ${folder}; wait for it, or give another --out`);
  try {
    return await run();
  } finally {
    await held.release();
  }
}
