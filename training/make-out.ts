import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { UndertoneError } from '../models/errors.ts';
import { makeFolder } from '../models/make-folder.ts';

/** Makes a folder of results, where it is not there, before hours go into them. @throws UndertoneError `out_unwritable` */
export async function makeOut(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new UndertoneError('out_unwritable', `cannot write into ${folder}; give a folder you may write`, { cause });
  }
}
